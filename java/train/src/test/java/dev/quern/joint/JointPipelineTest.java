package dev.quern.joint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.Splits;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.run.Method;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.run.TrainResult;
import dev.quern.run.Training;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JointPipelineTest {
    private static final Splits DATA = TinyRun.shapes(96, 40);

    @TempDir
    private Path folder;

    private final List<EpochMetrics> epochs = new ArrayList<>();
    private final TrainListener recorder = new TrainListener() {
        @Override
        public void epoch(EpochMetrics metrics) {
            epochs.add(metrics);
        }
    };

    private TrainResult run(TrainConfig config, String name) throws IOException {
        return Training.run(config, DATA, folder.resolve(name), Start.NEW, recorder, new StopSignal());
    }

    @Test
    void theFirstEpochIsUniformAndEqualsThatOfRandomDynamic() throws IOException {
        run(TinyRun.config(Method.JOINT), "joint");
        run(TinyRun.config(Method.RANDOM_DYNAMIC), "random");
        assertThat(indices("joint", 0)).isEqualTo(indices("random", 0));
        assertThat(indices("joint", 1)).isNotEqualTo(indices("random", 1));
    }

    @Test
    void annealingEpochsSeeEverythingWeaklyAugmentedAndVisitsAreCountedTruly() throws IOException {
        TrainResult result = run(TinyRun.config(Method.JOINT), "joint");
        assertThat(epochs).extracting(EpochMetrics::samples).containsExactly(38, 38, 96);
        assertThat(epochs).extracting(EpochMetrics::augment).containsExactly("trivial", "trivial", "none");
        assertThat(result.outcome().visitShare()).isCloseTo((38 + 38 + 96) / (3.0 * 96), within(1e-12));
        assertThat(result.outcome().forwardVisits()).isEqualTo(96);
        assertThat(result.costShare()).isCloseTo((38 + 38 + 96 + 32) / (3.0 * 96), within(1e-12));
    }

    @Test
    void givenEmbeddingsKeepDisagreeingSamplesOut() throws IOException {
        int disagreeing = 30;
        float[] images = new float[96 * 10];
        float[] texts = new float[10 * 10];
        for (int i = 0; i < 10; i++) {
            texts[i * 10 + i] = 1;
        }
        for (int i = 0; i < 96; i++) {
            int label = DATA.train().label(i);
            images[i * 10 + (i < disagreeing ? (label + 1) % 10 : label)] = 1;
        }
        NpyFile.write(folder.resolve("i.npy"), Tensor.of(images, 96, 10));
        NpyFile.write(folder.resolve("t.npy"), Tensor.of(texts, 10, 10));
        TrainConfig config = given("i.npy", "t.npy").withAnnealing(1).withEpochs(6, Visits.EQUAL_EPOCHS);
        run(config, "run");
        int kept = 0;
        for (int epoch = 1; epoch < 6; epoch++) {
            for (int sample : indices("run", epoch)) {
                kept += sample < disagreeing ? 1 : 0;
            }
        }
        assertThat(kept).as("visits of disagreeing samples of 5·38").isLessThan(10);
    }

    @Test
    void embeddingsOfTheWrongShapeAreNamed() throws IOException {
        NpyFile.write(folder.resolve("i.npy"), Tensor.of(new float[95 * 4], 95, 4));
        NpyFile.write(folder.resolve("t.npy"), Tensor.of(new float[10 * 4], 10, 4));
        assertThatThrownBy(() -> run(given("i.npy", "t.npy"), "a"))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("i.npy: holds F32[95, 4], allowed: floats [96,D], a row per training sample");
        NpyFile.write(folder.resolve("i.npy"), Tensor.of(new float[96 * 5], 96, 5));
        assertThatThrownBy(() -> run(given("i.npy", "t.npy"), "b")).hasMessageContaining("has rows of 4, allowed: 5");
        assertThatThrownBy(() -> run(given("none.npy", "t.npy"), "c")).hasMessageContaining("none.npy");
    }

    @Test
    void moreNeighboursThanSamplesAreRefused() {
        TrainConfig config = TinyRun.config(Method.JOINT).withJoint(JointConfig.DEFAULT.withNeighbors(96));
        assertThatThrownBy(() -> run(config, "run"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("neighbors is 96, allowed: below 96, the number of training samples");
    }

    @Test
    void theRunFolderHoldsWhatIsNeededToUnderstandTheRun() throws IOException {
        run(TinyRun.config(Method.JOINT), "run");
        Path run = folder.resolve("run");
        assertThat(Files.readString(run.resolve("config.json")))
                .contains("\"method\" : \"joint\"", "\"neighbors\" : 5", "\"train\" : 96");
        assertThat(Files.readString(run.resolve("environment.json")))
                .contains("\"libtorch\" : \"2.", "\"threads\" : 1", "\"precision\" : \"FP32\"");
        assertThat(Files.readString(run.resolve("result.json"))).contains("\"status\" : \"finished\"");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(3);
    }

    private TrainConfig given(String images, String texts) {
        ConsistencyConfig.Given files = new ConsistencyConfig.Given(folder.resolve(images), folder.resolve(texts));
        return TinyRun.config(Method.JOINT)
                .withJoint(TinyRun.config(Method.JOINT).joint().withConsistency(files));
    }

    private int[] indices(String run, int epoch) throws IOException {
        return NpyFile.read(folder.resolve(run).resolve("indices").resolve(String.format("epoch-%04d.npy", epoch)))
                .toInts();
    }
}
