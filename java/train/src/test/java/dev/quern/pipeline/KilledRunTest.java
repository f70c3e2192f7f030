package dev.quern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.pipeline.TrainConfig.Visits;
import dev.quern.train.RunFolder.Start;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a training process, as {@code kill -9} does, at random instants, and lets it go on. */
class KilledRunTest {
    private static final int KILLS = 25;
    /** Longest life after the first sign of progress; a step with its checkpoint takes about 20 ms. */
    private static final int LONGEST_MILLISECONDS = 250;

    @TempDir
    private Path folder;

    /** The process that is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            TrainListener listener = new TrainListener() {
                @Override
                public void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
                    System.out.println("step");
                }
            };
            TinyRun.run(config(), Path.of(arguments[0]), Start.RESUME, listener, new StopSignal());
            System.out.println("finished");
        }
    }

    /** 64 epochs of 5 steps, a checkpoint after every step, selection refreshed every epoch. */
    private static TrainConfig config() {
        return TinyRun.config(Method.JOINT)
                .withAnnealing(1)
                .withEpochs(64, Visits.EQUAL_EPOCHS)
                .withOptimizer(OptimizerConfig.DEFAULT.withBatch(8));
    }

    @Test
    @Timeout(300)
    void killedTwentyFiveTimesTheRunEndsWithTheSameBits() throws Exception {
        Path whole = folder.resolve("whole");
        TinyRun.run(config(), whole, Start.NEW, TrainListener.SILENT, new StopSignal());
        long seed = Long.getLong("seed", 25);
        Random random = new Random(seed);
        Path killed = folder.resolve("killed");
        int kills = 0;
        while (kills < KILLS && startAndKill(killed, random)) {
            kills++;
        }
        assertThat(kills).as("kills before the run was over, -Dseed=%d", seed).isEqualTo(KILLS);
        Process last = start(killed);
        last.getInputStream().transferTo(System.err);
        assertThat(last.waitFor()).isZero();
        assertThat(TinyRun.fingerprint(killed)).as("-Dseed=%d", seed).isEqualTo(TinyRun.fingerprint(whole));
    }

    /** False if the child finished before it was killed. */
    private static boolean startAndKill(Path folder, Random random) throws Exception {
        Process child = start(folder);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            assertThat(line).as("first line of the child").isIn("step", "finished");
            if (child.waitFor(random.nextInt(LONGEST_MILLISECONDS), TimeUnit.MILLISECONDS)) {
                return false;
            }
            child.destroyForcibly().waitFor();
        }
        return true;
    }

    private static Process start(Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
    }
}
