package dev.quern.train.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    private Path folder;

    /** A second process that wants the folder. */
    static final class Second {
        private Second() {}

        public static void main(String[] arguments) throws IOException {
            try (RunFolder second = RunFolder.open(Path.of(arguments[0]), Start.RESUME)) {
                System.out.println("opened " + second.path());
            } catch (IOException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    @Timeout(600)
    void aSecondProcessIsRefused() throws Exception {
        try (RunFolder first = RunFolder.open(folder, Start.NEW)) {
            Process second = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Second.class.getName(),
                            first.path().toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(second.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(second.waitFor()).isZero();
            assertThat(said).contains("run folder " + folder + " is in use by another run");
        }
    }

    @Test
    void aSecondRunInTheSameProcessIsRefusedUntilTheFirstCloses() throws IOException {
        try (RunFolder first = RunFolder.open(folder, Start.NEW)) {
            assertThat(first.weights()).isEqualTo(folder.resolve("weights.safetensors"));
            assertThatThrownBy(() -> RunFolder.open(folder, Start.RESUME)).hasMessageContaining("in use");
        }
        RunFolder.open(folder, Start.RESUME).close();
    }

    @Test
    void aNewRunDoesNotOverwriteAnother() throws IOException {
        try (RunFolder first = RunFolder.open(folder, Start.NEW)) {
            first.checkpoints().save(0, new Checkpoint(Map.of(), Map.of()));
        }
        assertThatThrownBy(() -> RunFolder.open(folder, Start.NEW))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + " already holds a run, allowed: another folder, or resuming this run");
    }

    @Test
    void temporaryFilesOfAKilledProcessAreRemoved() throws IOException {
        RunFolder.open(folder, Start.NEW).close();
        for (String place : new String[] {"", "checkpoints", "indices"}) {
            Files.writeString(folder.resolve(place).resolve(".epoch-0001.npy.0a1b.tmp"), "part");
        }
        RunFolder.open(folder, Start.RESUME).close();
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactly(".lock");
        }
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> RunFolder.open(file, Start.NEW))
                .hasMessage("run folder is " + file + ", which is a file, allowed: a folder");
    }

    @Test
    void metricsBeyondTheCheckpointAreDropped() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        MetricsLog log = new MetricsLog(file);
        for (int epoch = 0; epoch < 3; epoch++) {
            log.append(metrics(epoch));
        }
        Files.writeString(file, Files.readString(file) + "{\"epoch\":3,\"lo");
        log.truncate(2);
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(Files.readAllLines(file).get(1)).startsWith("{\"epoch\":1,");
        assertThatThrownBy(() -> log.truncate(3))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("2 whole lines");
    }

    @Test
    void aLineOfMetricsHoldsEveryField() {
        assertThat(Json.line(metrics(1).toJson()))
                .isEqualTo("{\"epoch\":1,\"loss\":0.5,\"learning_rate\":0.1,\"test_accuracy\":null,\"samples\":10,"
                        + "\"visit_share\":0.3,\"forward_visits\":7,\"wrong_label_share\":0.25,\"augment\":\"none\","
                        + "\"seconds\":{\"dual_encoder\":0.0,\"select\":0.0,\"augment\":0.0,\"train\":1.5,"
                        + "\"evaluate\":0.0,\"track\":0.0,\"checkpoint\":0.0}}");
    }

    private static EpochMetrics metrics(int epoch) {
        PhaseClock clock = new PhaseClock();
        clock.add(Phase.TRAIN, 1.5);
        return new EpochMetrics(
                epoch,
                0.5,
                0.1,
                OptionalDouble.empty(),
                Optional.empty(),
                10,
                0.3,
                7,
                OptionalDouble.of(0.25),
                Optional.empty(),
                "none",
                Optional.empty(),
                Optional.empty(),
                clock);
    }
}
