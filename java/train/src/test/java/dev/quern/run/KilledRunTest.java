package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.run.TrainConfig.Visits;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder.Start;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills a training process, as {@code kill -9} does, at random instants, and lets it go on. */
class KilledRunTest {
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
            TinyRun.run(
                    Run.valueOf(arguments[1]).config, Path.of(arguments[0]), Start.RESUME, listener, new StopSignal());
            System.out.println("finished");
        }
    }

    /** Runs of 320 steps, a checkpoint after every one. */
    private enum Run {
        /** Selection refreshed every epoch. */
        JOINT(25, TinyRun.config(Method.JOINT).withEpochs(64, Visits.EQUAL_EPOCHS)),
        /** Agent, magnitudes and optimisers beside the network. */
        ADA_AUGMENT(12, TinyRun.adaptive(TinyRun.Adaptive.ADA_RELEASED).withEpochs(26, Visits.EQUAL_EPOCHS));

        private final int kills;
        private final TrainConfig config;

        Run(int kills, TrainConfig config) {
            this.kills = kills;
            this.config = config.withAnnealing(1).withOptimizer(OptimizerConfig.DEFAULT.withBatch(8));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void aRunKilledManyTimesEndsWithTheSameBits(Run run) throws Exception {
        Path whole = folder.resolve("whole");
        TinyRun.run(run.config, whole, Start.NEW, TrainListener.SILENT, new StopSignal());
        long seed = Long.getLong("seed", 25);
        Random random = new Random(seed);
        Path killed = folder.resolve("killed");
        int kills = 0;
        while (kills < run.kills && startAndKill(run, killed, random)) {
            kills++;
        }
        assertThat(kills).as("kills before the run was over, -Dseed=%d", seed).isEqualTo(run.kills);
        Process last = start(run, killed);
        last.getInputStream().transferTo(System.err);
        assertThat(last.waitFor()).isZero();
        assertThat(TinyRun.fingerprint(killed)).as("-Dseed=%d", seed).isEqualTo(TinyRun.fingerprint(whole));
    }

    /** False if the child finished before it was killed. */
    private static boolean startAndKill(Run run, Path folder, Random random) throws Exception {
        Process child = start(run, folder);
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

    private static Process start(Run run, Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString(),
                        run.name())
                .redirectErrorStream(true)
                .start();
    }
}
