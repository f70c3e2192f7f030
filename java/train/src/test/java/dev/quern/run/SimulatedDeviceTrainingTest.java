package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.quern.data.Profile;
import dev.quern.kernels.Cuda;
import dev.quern.kernels.Device;
import dev.quern.kernels.InvalidArgumentException;
import dev.quern.setting.Augmentation;
import dev.quern.study.Tracking;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.FeedMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole trainings whose images and kernels are on a simulated device, against the same ones on the CPU: ops, samples and weights. */
@Tag("slow")
class SimulatedDeviceTrainingTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void requireDevice() {
        Assumptions.assumeTrue(
                Cuda.state().available(),
                () -> "skipped: no simulated device, " + Cuda.state().reason());
    }

    @Test
    void jointSelectionOnTheDeviceEndsWithTheBitsOfTheCpu() throws IOException {
        requireSameBits(TinyRun.config(Method.JOINT), 3);
    }

    @ParameterizedTest
    @EnumSource(names = {"ADA_RELEASED", "MAD", "TEACH"})
    void adaptiveAugmentationOnTheDeviceEndsWithTheBitsOfTheCpu(TinyRun.Adaptive adaptive) throws IOException {
        requireSameBits(TinyRun.adaptive(adaptive), 2);
    }

    /** Transport on a device differs from the CPU's in its last bits. */
    @Test
    void aTrackedRunOnTheDeviceHasTheWeightsAndNearlyTheSimilarityOfTheCpu() throws IOException {
        TrainConfig config =
                TinyRun.tracked(TinyRun.config(Method.FULL)).withEpochs(1, TrainConfig.Visits.EQUAL_EPOCHS);
        Tracking tracking = new Tracking(1, config.tracking().encoder(), 24);
        FeedMetrics expected = feed(config.withTracking(tracking), folder.resolve("cpu"));
        FeedMetrics found = feed(onDevice(config.withTracking(tracking), 0), folder.resolve("device"));
        assertThat(found.similarity()).isCloseTo(expected.similarity(), withinPercentage(0.01));
        assertThat(found.diversity()).isEqualTo(expected.diversity());
        assertThat(folder.resolve("device").resolve("weights.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("cpu").resolve("weights.safetensors"));
    }

    private static FeedMetrics feed(TrainConfig config, Path run) throws IOException {
        List<FeedMetrics> epochs = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                epochs.add(metrics.feed().orElseThrow());
            }
        };
        TinyRun.run(config, run, Start.NEW, listener, new StopSignal());
        return epochs.get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"autoaugment", "patch-gaussian"})
    void policiesWithStepsOnTheHostEndWithTheBitsOfTheCpu(String policy) throws IOException {
        requireSameBits(TinyRun.config(Method.FULL).withAugmentation(new Augmentation(policy, Profile.PAPER)), 1);
    }

    @Test
    void aRunIsResumedOnItsKindOfDeviceAlone() throws IOException {
        StopSignal stop = new StopSignal();
        stop.request();
        TrainConfig config = TinyRun.config(Method.FULL).withEpochs(1, TrainConfig.Visits.EQUAL_EPOCHS);
        TinyRun.run(onDevice(config, 0), folder, Start.NEW, TrainListener.SILENT, stop);
        assertThatThrownBy(() -> TinyRun.run(config, folder, Start.RESUME, TrainListener.SILENT, new StopSignal()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("environment field 'device' is \"cpu\"")
                .hasMessageContaining("simulated on the CPU");
        TinyRun.run(onDevice(config, 1), folder, Start.RESUME, TrainListener.SILENT, new StopSignal());
        assertThat(folder.resolve("weights.safetensors")).exists();
    }

    @Test
    void aDeviceThatIsNotThereLeavesNoRunFolder() {
        Path run = folder.resolve("run");
        TrainConfig config = onDevice(TinyRun.config(Method.FULL), 7);
        assertThatThrownBy(() -> TinyRun.run(config, run, Start.NEW, TrainListener.SILENT, new StopSignal()))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("device is cuda:7, allowed: cpu, cuda:0 … cuda:1");
        assertThat(Files.exists(run)).isFalse();
    }

    private void requireSameBits(TrainConfig given, int epochs) throws IOException {
        TrainConfig config = given.withEpochs(epochs, TrainConfig.Visits.EQUAL_EPOCHS)
                .withRuntime(given.runtime().withCheckpointSteps(0));
        Path device = folder.resolve("device");
        Path cpu = folder.resolve("cpu");
        TinyRun.run(onDevice(config, 0), device, Start.NEW, TrainListener.SILENT, new StopSignal());
        TinyRun.run(config, cpu, Start.NEW, TrainListener.SILENT, new StopSignal());
        assertThat(TinyRun.fingerprint(device)).isEqualTo(TinyRun.fingerprint(cpu));
    }

    private static TrainConfig onDevice(TrainConfig config, int index) {
        return config.withRuntime(config.runtime().withDevice(Device.cuda(index)));
    }
}
