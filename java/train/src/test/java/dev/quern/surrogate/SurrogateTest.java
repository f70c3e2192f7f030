package dev.quern.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.Splits;
import dev.quern.data.fault.Faults;
import dev.quern.data.fault.LabelNoise;
import dev.quern.nn.model.Model;
import dev.quern.run.Method;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.run.Training;
import dev.quern.select.score.MovingOneSampleOut.Products;
import dev.quern.select.score.TrainingDynamics;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.TrainListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurrogateTest {
    /** Three steps an epoch. */
    private static final int SAMPLES = 260;

    private static final Splits DATA = TinyRun.shapes(SAMPLES, 20);
    private static final Surrogate SURROGATE = new Surrogate(Model.RESNET20, 3, Surrogate.Gradients.LAST_LAYER);
    private static final TrainConfig SETTING =
            TinyRun.config(Method.FULL).withFaults(Faults.NONE.withNoise(new LabelNoise(LabelNoise.Kind.EXACT, 0.2)));

    @TempDir
    private Path folder;

    @Test
    void itTellsWhatEachEpochMadeOfEverySample() throws IOException {
        Evidence evidence = evidence(SETTING, folder);
        TrainingDynamics after = evidence.afterEpochs(3);
        assertThat(after.samples()).isEqualTo(SAMPLES);
        assertThat(after.epochs()).isEqualTo(3);
        assertThat(after.label(5))
                .isEqualTo(Training.prepared(SETTING, DATA).train().label(5));
        for (int sample = 0; sample < SAMPLES; sample++) {
            requireDistribution(after, 0, sample);
            requireDistribution(evidence.visits(), 2, sample);
        }
        assertThat(evidence.probabilities(0)).isNotEqualTo(evidence.probabilities(1));
        assertThat(evidence.features()).hasSize(SAMPLES * 64).isEqualTo(evidence.features(2));
        assertThat(evidence.learningRate(0))
                .isGreaterThan(evidence.learningRate(2))
                .isPositive();
        assertThat(evidence.seconds()).isPositive();
    }

    @Test
    void gradientsByAllParametersAreLargerThanThoseByTheLastLayer() throws IOException {
        Surrogate all = new Surrogate(Model.RESNET20, 1, Surrogate.Gradients.ALL_PARAMETERS);
        Splits few = TinyRun.shapes(30, 2);
        Evidence evidence = all.evidence(SETTING, few, folder, TrainListener.SILENT, new StopSignal());
        double[] norms = evidence.gradientNorms(0);
        double[] last = evidence.gradients(0).norms();
        for (int i = 0; i < 30; i++) {
            assertThat(norms[i]).isGreaterThan(last[i] * 0.98);
        }
        Products products = evidence.gradientProducts(0);
        assertThat(products.meanSquare()).isPositive();
        assertThat(products.squares()[3]).isCloseTo(norms[3] * norms[3], within(1e-9 * products.squares()[3]));
    }

    private static void requireDistribution(TrainingDynamics dynamics, int epoch, int sample) {
        double sum = 0;
        for (int k = 0; k < dynamics.classes(); k++) {
            sum += dynamics.probability(epoch, sample, k);
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
    }

    @Test
    @Tag("slow")
    void anInterruptedOneTellsTheSame() throws IOException {
        evidence(SETTING, folder.resolve("whole"));
        StopSignal stop = new StopSignal();
        int[] left = {2};
        TrainListener stopping = new TrainListener() {
            @Override
            public void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
                if (epoch == 1 && --left[0] == 0) {
                    stop.request();
                }
            }
        };
        assertThatThrownBy(() -> SURROGATE.evidence(SETTING, DATA, folder.resolve("cut"), stopping, stop))
                .isInstanceOf(StoppedException.class);
        evidence(SETTING, folder.resolve("cut"));
        Path whole = folder.resolve("whole/dynamics");
        List<Path> files;
        try (Stream<Path> found = Files.list(whole)) {
            files = found.sorted().toList();
        }
        assertThat(files).hasSize(9);
        for (Path file : files) {
            assertThat(folder.resolve("cut/dynamics").resolve(file.getFileName()))
                    .hasSameBinaryContentAs(file);
        }
    }

    @Test
    @Tag("slow")
    void oneOfAnotherConfigurationIsRefused() throws IOException {
        evidence(SETTING, folder);
        assertThatThrownBy(() -> evidence(SETTING.withSeed(8), folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot resume: config field 'seed' is 8");
    }

    private static Evidence evidence(TrainConfig setting, Path folder) throws IOException {
        return SURROGATE.evidence(setting, DATA, folder, TrainListener.SILENT, new StopSignal());
    }
}
