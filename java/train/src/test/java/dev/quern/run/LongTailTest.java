package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.io.NpyFile;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.setting.Augmentation;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LongTailTest {
    private static final Splits DATA = open(TinyRun.shapes(96, 40), TinyRun.shapes(8, 24));
    private static final TrainConfig CONFIG = TinyRun.config(Method.FULL)
            .withDataset("long-tail:root,train.txt,test.txt,open.txt")
            .withAugmentation(Augmentation.NONE)
            .withEpochs(2, Visits.EQUAL_EPOCHS);

    @TempDir
    private Path folder;

    @Test
    void aRunIsJudgedByShotsAndUnknownImagesAndResumedWithTheSameResult() throws IOException {
        TrainResult result = run(CONFIG, Start.NEW);
        List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
        JsonNode last = new ObjectMapper().readTree(lines.get(1)).get("long_tail");
        assertThat(last.get("few").asDouble()).isBetween(0.0, 1.0);
        assertThat(last.get("open_f").asDouble()).isBetween(0.0, 1.0);
        assertThat(last.has("many")).isFalse();
        JsonNode written =
                new ObjectMapper().readTree(folder.resolve("result.json").toFile());
        assertThat(written.get("long_tail")).isEqualTo(last);
        assertThat(run(CONFIG, Start.RESUME).outcome().longTail())
                .isEqualTo(result.outcome().longTail())
                .isPresent();
        TrainConfig other = CONFIG.withLongTail(new LongTail(Profile.RELEASED, 4, 0.1));
        assertThatThrownBy(() -> run(other, Start.RESUME))
                .hasMessageStartingWith("cannot resume: config field 'long_tail' is");
    }

    @Test
    void classesTakeTurnsWithAsManyVisitsAsThereAreImages() throws IOException {
        TrainConfig config = CONFIG.withMethod(Method.CLASS_AWARE, 1).withAnnealing(1);
        TrainResult result = run(config, Start.NEW);
        assertThat(result.outcome().visitShare()).isEqualTo(1);
        int[] samples = NpyFile.read(folder.resolve("indices/epoch-0000.npy")).toInts();
        int classes = DATA.train().classNames().size();
        int[] visits = new int[classes];
        for (int sample : samples) {
            visits[DATA.train().label(sample)]++;
        }
        assertThat(samples).hasSize(96).isSorted();
        assertThat(IntStream.of(visits).max().orElseThrow()
                        - IntStream.of(visits).min().orElseThrow())
                .isLessThanOrEqualTo(4);
    }

    @Test
    void anEpochOfTheReleasedCodeIsAsLongAsTheLargestClassAsks() throws IOException {
        TrainConfig config = CONFIG.withMethod(Method.CLASS_AWARE, 1)
                .withAnnealing(1)
                .withLongTail(new LongTail(Profile.RELEASED, 4, 0.1));
        TrainResult result = run(config, Start.NEW);
        int[] sizes = new int[DATA.train().classNames().size()];
        IntStream.range(0, 96).forEach(i -> sizes[DATA.train().label(i)]++);
        int largest = IntStream.of(sizes).max().orElseThrow();
        int classes = (int) IntStream.of(sizes).filter(size -> size > 0).count();
        assertThat(result.outcome().visitShare()).isEqualTo(largest * classes / 96.0);
        assertThatThrownBy(() -> run(config.withEpochs(2, Visits.EQUAL_VISITS), Start.RESUME))
                .hasMessageStartingWith("visits is equal-visits, allowed for class-aware in the released profile");
    }

    private TrainResult run(TrainConfig config, Start start) throws IOException {
        return Training.run(config, DATA, folder, start, TrainListener.SILENT, new StopSignal());
    }

    private static Splits open(Splits known, Splits unknown) {
        return new Splits(known.train(), known.test(), Optional.of(unknown.test()));
    }
}
