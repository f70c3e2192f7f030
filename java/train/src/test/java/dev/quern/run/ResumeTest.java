package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.data.fault.Corruption;
import dev.quern.data.fault.Faults;
import dev.quern.data.fault.LabelNoise;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.nn.Initialization;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.nn.model.Model;
import dev.quern.setting.Augmentation;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class ResumeTest {
    private static final Splits DATA = TinyRun.halvedShapes(64, 8);

    @TempDir
    private Path folder;

    /** Asks to stop after so many steps. */
    private static final class StopAfter implements TrainListener {
        private final StopSignal signal = new StopSignal();
        private final List<String> warnings = new ArrayList<>();
        private int left;

        StopAfter(int steps) {
            left = steps;
        }

        @Override
        public void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
            if (--left == 0) {
                signal.request();
            }
        }

        @Override
        public void warning(String message) {
            warnings.add(message);
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void anInterruptedRunEndsWithTheBitsOfAnUninterruptedOne(Method method) throws IOException {
        requireSameBits(TinyRun.config(method));
    }

    @ParameterizedTest
    @EnumSource(names = {"ADA_PAPER", "TEACH"})
    void anInterruptedRunOnTwoThreadsEndsWithTheSameBits(TinyRun.Adaptive adaptive) throws IOException {
        requireSameBits(TinyRun.adaptive(adaptive, Method.JOINT), 2, 3);
    }

    @Test
    void anInterruptedRunThatIsTrackedEndsWithTheSameBits() throws IOException {
        requireSameBits(TinyRun.tracked(TinyRun.config(Method.JOINT)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cutmix:p=1", "autoaugment", "augmix"})
    void anInterruptedRunWithAPolicyOfSeveralPassesEndsWithTheSameBits(String policy) throws IOException {
        requireSameBits(TinyRun.config(Method.FULL).withAugmentation(new Augmentation(policy, Profile.PAPER)));
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedRunWithAdaptiveAugmentationEndsWithTheSameBits(TinyRun.Adaptive adaptive) throws IOException {
        requireSameBits(TinyRun.adaptive(adaptive));
    }

    @ParameterizedTest
    @CsvSource({"ADA_PAPER, INFOBATCH", "ADA_PAPER, IES", "ADA_PAPER, JOINT", "ENT, UCB"})
    void anInterruptedRunThatSelectsAndAdaptsEndsWithTheSameBits(TinyRun.Adaptive adaptive, Method method)
            throws IOException {
        requireSameBits(TinyRun.adaptive(adaptive, method), 1, method == Method.IES ? 9 : 3);
    }

    @Test
    void anInterruptedRunOnFaultyDataEndsWithTheSameBitsAndKeepsItsFaults() throws IOException {
        Faults faults = Faults.NONE
                .withNoise(new LabelNoise(LabelNoise.Kind.EXACT, 0.25))
                .withCorruption(new Corruption(Corruption.Mode.CLEAN, 0.25));
        TrainConfig config = TinyRun.config(Method.RS2).withFaults(faults);
        requireSameBits(config, 1, 3);
        assertThat(Files.readString(folder.resolve("whole").resolve("config.json")))
                .contains("\"label_noise\"", "\"corruption\"", "\"corruption_mode\"");
        TrainConfig others = config.withFaults(faults.withCorruption(Corruption.NONE));
        String whole = TinyRun.fingerprint(folder.resolve("whole"));
        run(others, folder.resolve("others"), Start.NEW, TrainListener.SILENT, new StopSignal());
        assertThat(TinyRun.fingerprint(folder.resolve("others"))).isNotEqualTo(whole);
    }

    private static TrainResult run(
            TrainConfig config, Path folder, Start start, TrainListener listener, StopSignal stop) throws IOException {
        return Training.run(config, DATA, folder, start, listener, stop);
    }

    private void requireSameBits(TrainConfig base) throws IOException {
        requireSameBits(base, 1, 2);
    }

    /** @param steps of each run before it is stopped */
    private void requireSameBits(TrainConfig base, int threads, int steps) throws IOException {
        TrainConfig config = base.withRuntime(base.runtime().withThreads(threads));
        Path whole = folder.resolve("whole");
        TrainResult expected = run(config, whole, Start.NEW, TrainListener.SILENT, new StopSignal());
        Path parts = folder.resolve("parts");
        TrainOutcome.Status status = TrainOutcome.Status.INTERRUPTED;
        TrainResult result = null;
        int runs = 0;
        while (status == TrainOutcome.Status.INTERRUPTED) {
            StopAfter stop = new StopAfter(steps);
            result = run(config, parts, runs++ == 0 ? Start.NEW : Start.RESUME, stop, stop.signal);
            status = result.outcome().status();
        }
        assertThat(runs).isGreaterThan(2);
        assertThat(TinyRun.fingerprint(parts)).isEqualTo(TinyRun.fingerprint(whole));
        assertThat(result.outcome().finalAccuracy())
                .isEqualTo(expected.outcome().finalAccuracy());
        assertThat(result.outcome().bestEpoch()).isEqualTo(expected.outcome().bestEpoch());
        assertThat(result.outcome().visitShare()).isEqualTo(expected.outcome().visitShare());
        assertThat(result.outcome().wrongShare()).isEqualTo(expected.outcome().wrongShare());
        assertThat(result.outcome().forwardVisits())
                .isEqualTo(expected.outcome().forwardVisits());
    }

    @Test
    void aRunStoppedBetweenItsStepsEndsWithTheSameBits() throws IOException {
        TrainConfig config = TinyRun.config(Method.JOINT);
        Path whole = folder.resolve("whole");
        run(config, whole, Start.NEW, TrainListener.SILENT, new StopSignal());
        for (Phase phase : List.of(Phase.DUAL_ENCODER, Phase.SELECT, Phase.EVALUATE)) {
            Path parts = folder.resolve(phase.key());
            stopIn(phase, config, parts);
            run(config, parts, Start.RESUME, TrainListener.SILENT, new StopSignal());
            assertThat(TinyRun.fingerprint(parts)).isEqualTo(TinyRun.fingerprint(whole));
        }
    }

    private static void stopIn(Phase phase, TrainConfig config, Path folder) throws IOException {
        for (int epoch = 0; epoch < 2; epoch++) {
            int stopAt = epoch;
            StopSignal signal = new StopSignal();
            TrainListener listener = new TrainListener() {
                @Override
                public void phase(Phase begun, int at) {
                    if (begun == phase && at == stopAt) {
                        signal.request();
                    }
                }
            };
            TrainResult result = run(config, folder, Start.RESUME, listener, signal);
            assertThat(result.outcome().status()).isEqualTo(TrainOutcome.Status.INTERRUPTED);
        }
    }

    @Test
    void aDamagedNewestCheckpointIsReportedAndThePreviousLeadsToTheSameEnd() throws IOException {
        TrainConfig config = TinyRun.config(Method.RANDOM_DYNAMIC);
        Path whole = folder.resolve("whole");
        run(config, whole, Start.NEW, TrainListener.SILENT, new StopSignal());
        Path parts = folder.resolve("parts");
        StopAfter stop = new StopAfter(4);
        run(config, parts, Start.NEW, stop, stop.signal);
        Path newest;
        try (Stream<Path> files = Files.list(parts.resolve("checkpoints"))) {
            newest = files.sorted().reduce((first, second) -> second).orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 4;
        Files.write(newest, bytes);
        StopAfter resumed = new StopAfter(Integer.MAX_VALUE);
        run(config, parts, Start.RESUME, resumed, resumed.signal);
        assertThat(resumed.warnings)
                .singleElement()
                .asString()
                .contains(newest.getFileName().toString());
        assertThat(TinyRun.fingerprint(parts)).isEqualTo(TinyRun.fingerprint(whole));
    }

    @Test
    void resumingWithAnotherConfigurationOrEnvironmentIsRefusedByField() throws IOException {
        TrainConfig config = TinyRun.config(Method.RANDOM);
        StopAfter stop = new StopAfter(1);
        run(config, folder, Start.NEW, stop, stop.signal);
        refuses(config.withSeed(8), "cannot resume: config field 'seed' is 8, the checkpoint was written with 7");
        refuses(
                config.withRuntime(config.runtime().withThreads(2)),
                "cannot resume: environment field 'threads' is 2, the checkpoint was written with 1");
        refuses(
                config.withRuntime(config.runtime().withPrecision(TrainConfig.PrecisionChoice.BF16)),
                "cannot resume: environment field 'precision' is \"BF16\", the checkpoint was written with \"FP32\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast-autoaugment:%s,cutout=8", "dada:%s", "advmask:%s"})
    void resumingWithAPolicyFileThatHasChangedIsRefused(String policy) throws IOException {
        Path file = Files.createTempFile(folder, "policy", "");
        writePolicy(file, policy, 1);
        Augmentation augmentation = new Augmentation(String.format(policy, file), Profile.PAPER);
        TrainConfig config = TinyRun.config(Method.FULL)
                .withEpochs(1, TrainConfig.Visits.EQUAL_EPOCHS)
                .withAugmentation(augmentation);
        StopAfter stop = new StopAfter(1);
        Path run = folder.resolve("run");
        run(config, run, Start.NEW, stop, stop.signal);
        String before = Files.readString(run.resolve("config.json"));
        writePolicy(file, policy, 0);
        assertThatThrownBy(() -> run(config, run, Start.RESUME, TrainListener.SILENT, new StopSignal()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot resume: config field 'augmentation_file_sha256' is");
        assertThat(run.resolve("config.json")).hasContent(before);
        writePolicy(file, policy, 1);
        TrainResult result = run(config, run, Start.RESUME, TrainListener.SILENT, new StopSignal());
        assertThat(result.outcome().status()).isEqualTo(TrainOutcome.Status.FINISHED);
    }

    @Test
    void resumingWithOtherInitialWeightsIsRefusedAndWithTheSameEndsWithTheSameBits() throws IOException {
        Path weights = pretrained(1);
        TrainConfig config = TinyRun.config(Method.FULL).withWeights(weights);
        requireSameBits(config);
        Path run = folder.resolve("run");
        StopAfter stop = new StopAfter(1);
        run(config, run, Start.NEW, stop, stop.signal);
        assertThatThrownBy(() ->
                        run(TinyRun.config(Method.FULL), run, Start.RESUME, TrainListener.SILENT, new StopSignal()))
                .hasMessage("cannot resume: config field 'weights' is missing, the checkpoint was written with \""
                        + weights + "\"");
        pretrained(2);
        assertThatThrownBy(() -> run(config, run, Start.RESUME, TrainListener.SILENT, new StopSignal()))
                .hasMessageStartingWith("cannot resume: config field 'weights_sha256' is");
    }

    private Path pretrained(long seed) throws IOException {
        Path file = folder.resolve("pretrained.safetensors");
        try (Network network = Model.RESNET20.create(25)) {
            Initialization.apply(network, seed);
            StateDict.save(network, file, Map.of());
        }
        return file;
    }

    /** A sub-policy with a probability, or a point with a row. */
    private static void writePolicy(Path file, String policy, int number) throws IOException {
        if (policy.startsWith("advmask")) {
            NpyFile.write(file, Tensor.of(new int[] {number, 3}, 1, 1, 2));
        } else {
            Files.writeString(file, "subpolicy,op_index,op,prob,level01\n0,0,Invert," + number + ",0\n");
        }
    }

    private void refuses(TrainConfig config, String message) {
        assertThatThrownBy(() -> run(config, folder, Start.RESUME, TrainListener.SILENT, new StopSignal()))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
    }

    @Test
    void aFinishedRunThatIsResumedOnlyReportsItsResult() throws IOException {
        TrainConfig config = TinyRun.config(Method.RANDOM);
        TrainResult first = run(config, folder, Start.NEW, TrainListener.SILENT, new StopSignal());
        String before = TinyRun.fingerprint(folder);
        List<EpochMetrics> epochs = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                epochs.add(metrics);
            }
        };
        TrainResult again = run(config, folder, Start.RESUME, listener, new StopSignal());
        assertThat(epochs).isEmpty();
        assertThat(TinyRun.fingerprint(folder)).isEqualTo(before);
        assertThat(again.outcome().finalAccuracy()).isEqualTo(first.outcome().finalAccuracy());
    }
}
