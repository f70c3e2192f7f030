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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills a training process, as {@code kill -9} does, at random instants, and lets it go on. */
@Tag("slow")
class KilledRunTest {
    /** Of a life, before the process is killed within the next ones. */
    private static final int MOST_STEPS = 8;

    private static final int MOST_MILLISECONDS = 25;

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

    /** Runs of more steps than all lives before the last can have, a checkpoint after every one. */
    private enum Run {
        /** Selection refreshed every epoch. */
        JOINT(8, TinyRun.config(Method.JOINT).withEpochs(32, Visits.EQUAL_EPOCHS)),
        JOINT_OFTEN(25, TinyRun.config(Method.JOINT).withEpochs(96, Visits.EQUAL_EPOCHS)),
        /** Agent, magnitudes and optimisers beside the network. */
        ADA_AUGMENT(4, TinyRun.adaptive(TinyRun.Adaptive.ADA_RELEASED).withEpochs(7, Visits.EQUAL_EPOCHS)),
        ADA_AUGMENT_OFTEN(12, TinyRun.adaptive(TinyRun.Adaptive.ADA_RELEASED).withEpochs(26, Visits.EQUAL_EPOCHS));

        private final int kills;
        private final TrainConfig config;

        Run(int kills, TrainConfig config) {
            this.kills = kills;
            this.config = config.withAnnealing(1).withOptimizer(OptimizerConfig.DEFAULT.withBatch(8));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JOINT", "ADA_AUGMENT"})
    void aRunKilledSomeTimesEndsWithTheSameBits(Run run) throws Exception {
        requireSameBits(run);
    }

    @ParameterizedTest
    @Tag("long")
    @EnumSource(names = {"JOINT_OFTEN", "ADA_AUGMENT_OFTEN"})
    void aRunKilledManyTimesEndsWithTheSameBits(Run run) throws Exception {
        requireSameBits(run);
    }

    private void requireSameBits(Run run) throws Exception {
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
            for (int left = 1 + random.nextInt(MOST_STEPS); left > 0; left--) {
                String line = lines.readLine();
                assertThat(line).as("what the child says").isIn("step", "finished");
                if (line.equals("finished")) {
                    return false;
                }
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_MILLISECONDS));
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
