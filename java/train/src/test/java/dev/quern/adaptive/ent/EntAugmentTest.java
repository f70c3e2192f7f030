package dev.quern.adaptive.ent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.adaptive.AdaptiveViews;
import dev.quern.adaptive.Magnitudes;
import dev.quern.adaptive.ada.AdaAugmentTest;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.model.Model;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntAugmentTest {
    @TempDir
    private Path folder;

    @Test
    void theFirstElevenEpochsAreTrivialAugments() {
        ImageDataset data = TinyRun.shapes(10, 4).train();
        EntAugment ent = new EntAugment(
                EntAugmentConfig.of(Profile.RELEASED, 16),
                new AdaptiveViews(MagnitudeSpace.RELEASED, 32, 32),
                new Magnitudes(data));
        assertThat(ent.policy(0).name()).isEqualTo("trivial-levels");
        assertThat(ent.policy(10).name()).isEqualTo("trivial-levels");
        assertThat(ent.policy(11).name()).isEqualTo("entaugment");
    }

    @Test
    void magnitudesFollowTheCertaintyOfTheNetworkAndThereIsNoReward() throws IOException {
        List<EpochMetrics> epochs = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                epochs.add(metrics);
            }
        };
        TrainConfig config = TinyRun.adaptive(TinyRun.Adaptive.ENT).withAnnealing(1);
        TinyRun.run(config, folder, Start.NEW, listener, new StopSignal());
        assertThat(epochs.get(0).augment()).isEqualTo("trivial-levels");
        assertThat(epochs.get(1).augment()).isEqualTo("entaugment");
        double mean = epochs.get(0).magnitudes().orElseThrow().mean();
        // An untrained network of 10 classes is far from certain.
        assertThat(mean).isBetween(0.01, 0.5);
        assertThat(epochs.get(2).magnitudes().orElseThrow().reward()).isEmpty();
        assertThat(epochs.get(2).forwardVisits()).isZero();
    }

    @Test
    void certaintyIsOneMinusTheNormalisedEntropyOfTheTrainingPass() throws IOException {
        ImageDataset data = TinyRun.shapes(8, 4).train();
        Magnitudes magnitudes = new Magnitudes(data);
        EntAugment ent = new EntAugment(
                EntAugmentConfig.of(Profile.RELEASED, 0),
                new AdaptiveViews(MagnitudeSpace.RELEASED, 32, 32),
                magnitudes);
        FusedAugment kernel =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);
        try (Engine engine = Engine.open();
                Network network = network();
                Network twin = network();
                InputBatches batches = new InputBatches(engine, kernel, data, 8, 1, 1);
                Learner learner = new Learner(network, AdaAugmentTest.settings(), Timeline.uniform(1, 1));
                PointerScope scope = new PointerScope()) {
            batches.start(new InputBatches.Pass(new int[] {7, 6, 5, 4, 3, 2, 1}, ent.views(ent.policy(0)), 1, 0));
            batches.next();
            learner.step(batches, 0, ent);
            Tensor logits = twin.forward(batches.images(0)).contiguous();
            for (int row = 0; row < 7; row++) {
                FloatBuffer scores =
                        TensorMemory.bytes(logits.select(0, row).contiguous()).asFloatBuffer();
                assertThat(magnitudes.get(7 - row)).isCloseTo(certainty(scores), within(1e-5));
            }
            assertThat(magnitudes.get(0)).isZero();
        }
    }

    private static double certainty(FloatBuffer scores) {
        double total = 0;
        for (int c = 0; c < scores.capacity(); c++) {
            total += Math.exp(scores.get(c));
        }
        double entropy = 0;
        for (int c = 0; c < scores.capacity(); c++) {
            double p = Math.exp(scores.get(c)) / total;
            entropy -= p * Math.log(p + 1e-8);
        }
        return 1 - entropy / Math.log(scores.capacity());
    }

    private static Network network() {
        Network network = Model.RESNET20.create(10);
        Initialization.apply(network, 5);
        network.mode(Mode.TRAIN);
        return network;
    }

    @Test
    void metricsCountAllSamples() {
        Magnitudes magnitudes = new Magnitudes(TinyRun.shapes(10, 4).train());
        magnitudes.put(new int[] {3, 1}, new float[] {0.25f, 1});
        assertThat(magnitudes.get(3)).isEqualTo(0.25);
        assertThat(magnitudes.metrics().mean()).isCloseTo(0.125, within(1e-9));
        assertThat(magnitudes.metrics().histogram()).containsExactly(8, 0, 1, 0, 0, 0, 0, 0, 0, 1);
    }
}
