package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ends a training process in the midst of its steps, from another thread. */
@Tag("slow")
class ExitTest {
    private static final int CODE = 3;

    @TempDir
    private Path folder;

    /** The process that ends itself at its third step. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            TrainListener listener = new TrainListener() {
                private int steps;

                @Override
                public void step(int epoch, int epochs, int step, int stepsInEpoch, double imagesPerSecond) {
                    if (++steps == 3) {
                        new Thread(() -> System.exit(CODE)).start();
                    }
                }
            };
            TrainConfig config = TinyRun.config(Method.FULL).withEpochs(1000, Visits.EQUAL_EPOCHS);
            TinyRun.run(config, Path.of(arguments[0]), Start.NEW, listener, new StopSignal());
        }
    }

    @Test
    @Timeout(600)
    void theProcessEndsOnlyAfterTheRunHasStoppedAndSavedWhatItReached() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isEqualTo(CODE);
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("result.json").toFile())
                        .get("status")
                        .asText())
                .isEqualToIgnoringCase("interrupted");
    }
}
