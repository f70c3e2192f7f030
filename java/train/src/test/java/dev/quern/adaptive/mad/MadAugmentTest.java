package dev.quern.adaptive.mad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.augment.Augmenter;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.PreferredOps;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.EraseBoxes;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TinyNetwork;
import dev.quern.nn.adaptive.OpPolicy;
import dev.quern.nn.adaptive.OpPolicy.Preferences;
import dev.quern.run.Method;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainerSettings;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MadAugmentTest {
    private static final int BATCH = 6;
    private static final int HELD_OUT = 5;
    private static final int OPS = PreferredOps.OPS;
    private static final long SEED = 3;
    private static final MadAugmentConfig CONFIG = MadAugmentConfig.of(Profile.PAPER, 0);
    private static final CrossEntropy LOSS = new CrossEntropy(0.1, 0);
    private static final FusedAugment KERNEL =
            FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);

    @TempDir
    private Path folder;

    /** Finite differences of the loss on held-out images after a step that is taken by hand on images that are mixed by hand. */
    @Test
    void thePolicyLearnsFromTheGradientThroughOneStepOfTheNetwork() throws IOException {
        Splits data = TinyRun.shapes(BATCH, HELD_OUT);
        try (Engine engine = Engine.open();
                Network network = TinyNetwork.of(32, 10, 5);
                MadAugment mad = mad(data, network, engine);
                OpPolicy policy = new OpPolicy(network.featureSize(), OPS, SEED);
                InputBatches batches = new InputBatches(engine, KERNEL, data.train(), BATCH, 1, 2);
                Learner learner = new Learner(network, settings(), Timeline.uniform(1, 2));
                PointerScope scope = new PointerScope()) {
            int[] order = IntStream.range(0, BATCH).toArray();
            batches.start(new InputBatches.Pass(order, List.of(mad.policy()), SEED, 0), mad::preview);
            batches.next();
            ByHand hand = new ByHand(engine, data, policy);
            double[] slope = {0};
            double[] norm = {0};
            learner.step(batches, 0, step -> {
                mad.observe(step);
                Tensor learned = gradient(mad, policy);
                norm[0] = learned.norm().item_double();
                Tensor direction = learned.div(new Scalar(norm[0]));
                double up = hand.lossAfterStep(network, direction, 0.02, step.learningRate());
                double down = hand.lossAfterStep(network, direction, -0.02, step.learningRate());
                slope[0] = (up - down) / 0.04;
            });
            assertThat(slope[0]).isGreaterThan(1e-4).isCloseTo(norm[0], within(0.03 * slope[0]));
        }
    }

    /** The first gradient of the policy, from Adam's moving mean, which also holds the weight decay. */
    private static Tensor gradient(MadAugment mad, OpPolicy before) {
        float[] mean = mad.state().get("policy.mean").toFloats();
        return TensorMemory.copyOf(mean)
                .mul(new Scalar(10))
                .sub(before.flat().values().detach(), new Scalar(1e-3));
    }

    /** The same images, mixed and learned from without the class under test. */
    private static final class ByHand {
        private final Splits data;
        private final OpPolicy policy;
        private final Tensor features;
        private final Tensor all;
        private final Tensor heldOut;
        private final Tensor labels;
        private final Tensor heldOutLabels;
        private final Tensor weights;
        private final Tensor magnitudes;

        ByHand(Engine engine, Splits data, OpPolicy policy) throws IOException {
            this.data = data;
            this.policy = policy;
            int[] samples = IntStream.range(0, BATCH).toArray();
            labels = labels(samples, true);
            heldOutLabels = labels(IntStream.range(0, HELD_OUT).toArray(), false);
            heldOut = plain(engine, data.test());
            try (Network start = TinyNetwork.of(32, 10, 5)) {
                features = start.features(plain(engine, data.train())).detach();
            }
            Preferences own = policy.of(features, 1);
            weights = own.weights().detach();
            magnitudes = own.magnitudes().detach();
            all = all(engine, samples);
        }

        private Tensor labels(int[] samples, boolean train) {
            float[] found = new float[samples.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = (train ? data.train() : data.test()).label(i);
            }
            return TensorMemory.copyOf(found).to(org.bytedeco.pytorch.global.torch.ScalarType.Long);
        }

        private static Tensor plain(Engine engine, dev.quern.data.ImageDataset images) throws IOException {
            try (InputBatches batches = new InputBatches(engine, KERNEL, images, images.size(), 1, 0)) {
                int[] order = IntStream.range(0, images.size()).toArray();
                batches.start(new InputBatches.Pass(order, List.of(new NoAugment()), 0, 0));
                batches.next();
                return batches.images(0).clone();
            }
        }

        private Tensor all(Engine engine, int[] samples) throws IOException {
            float[] own = new float[OPS];
            PreferredOps.Setting setting = new PreferredOps.Setting(CONFIG.ops(), CONFIG.noise(), CONFIG.profile(), 4);
            PreferredOps ops = new PreferredOps(
                    setting,
                    sample -> {
                        TensorMemory.bytes(magnitudes.select(0, sample).contiguous())
                                .asFloatBuffer()
                                .get(own);
                        return java.util.Arrays.copyOf(own, 2 * OPS);
                    },
                    CONFIG::share);
            EraseBoxes squares = new EraseBoxes();
            try (NativeBuffer images = NativeBuffer.allocate(DType.UINT8, BATCH, 32, 32, 3);
                    NativeBuffer output = NativeBuffer.allocate(DType.FLOAT32, OPS * BATCH, 32, 32, 3);
                    AugmentBatch batch = new AugmentBatch(OPS * BATCH, 1)) {
                ByteBuffer bytes = images.bytes();
                for (int sample : samples) {
                    data.train().read(sample, bytes.slice(sample * 3072, 3072));
                }
                ops.drawAll(new Augmenter.Visit(SEED, 0, samples), samples, 32, 32, batch, squares);
                KERNEL.apply(engine, images, batch, output);
                squares.apply(engine, output, KERNEL.layout());
                return TensorMemory.channelsLast(output, OPS * BATCH).clone();
            }
        }

        double lossAfterStep(Network network, Tensor direction, double distance, double rate) {
            Tensor start = network.flat().values().clone();
            Tensor gradients = network.flat().gradients().clone();
            Tensor before = policy.flat().values().clone();
            policy.flat().values().add_(direction, new Scalar(distance));
            Preferences moved = policy.of(features, 1);
            policy.flat().values().copy_(before);
            Tensor mixed = null;
            for (int op = 0; op < OPS; op++) {
                Tensor change = moved.magnitudes()
                        .select(1, op)
                        .sub(magnitudes.select(1, op))
                        .mul(weights.select(1, op));
                Tensor part = all.narrow(0, (long) op * BATCH, BATCH)
                        .mul(moved.weights().select(1, op).view(BATCH, 1, 1, 1))
                        .add(change.view(BATCH, 1, 1, 1));
                mixed = mixed == null ? part : mixed.add(part);
            }
            network.flat().zeroGradients();
            LOSS.loss(network.forward(mixed.detach()), labels).backward();
            network.flat().values().sub_(network.flat().gradients(), new Scalar(rate));
            double loss = LOSS.loss(network.forward(heldOut), heldOutLabels).item_double();
            network.flat().values().copy_(start);
            network.flat().gradients().copy_(gradients);
            return loss;
        }
    }

    @Test
    void theShareOfAugmentedSamplesGrowsToOne() {
        assertThat(CONFIG.share(0)).isEqualTo(0.01);
        assertThat(CONFIG.share(40)).isCloseTo(0.01 + Math.tanh(1), within(1e-12));
        assertThat(CONFIG.share(400)).isEqualTo(1);
    }

    @Test
    void heldOutImagesAreNotTrainedOnAndEveryThirdStepLooksAtThem() throws IOException {
        TrainConfig config = TinyRun.config(Method.FULL)
                .withAnnealing(1)
                .withAdaptive(MadAugmentConfig.of(Profile.RELEASED, 8).withHeldOut(0.25));
        TrainResult result = TinyRun.run(config, folder, Start.NEW, TrainListener.SILENT, new StopSignal());
        assertThat(result.trainSize()).isEqualTo(72);
        // 72 an epoch; of 15 steps the first, fourth … see mixtures of their batch as well, 16 but once 8, and 16
        // held-out images.
        assertThat(result.outcome().forwardVisits()).isEqualTo(3 * 72 + 4 * 16 + 8 + 5 * 16);
    }

    private static MadAugment mad(Splits data, Network network, Engine engine) {
        Inference inference = new Inference(engine, KERNEL, Precision.FP32, BATCH, new StopSignal());
        return new MadAugment(CONFIG, data, network, inference, BATCH, LOSS, SEED);
    }

    private static TrainerSettings settings() {
        return new TrainerSettings(
                1, 1, BATCH, TrainerSettings.Schedule.ONE_CYCLE, 0.5, 1, 0, 0.1, 0, 0, 0, Precision.FP32, 1, 0, 1);
    }
}
