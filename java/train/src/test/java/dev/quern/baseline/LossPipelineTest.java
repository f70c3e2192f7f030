package dev.quern.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.adaptive.ada.AdaAugmentTest;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.MagnitudeAugment;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.model.Model;
import dev.quern.run.TinyRun;
import dev.quern.select.sampling.LossSelection;
import dev.quern.setting.Annealing;
import dev.quern.setting.EpochRules;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.StopSignal;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.optimizer.Timeline;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LossPipelineTest {
    private static final long SEED = 3;
    private static final CrossEntropy LOSS = new CrossEntropy(0.1, 0);
    private static final FusedAugment KERNEL =
            FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);
    private static final AugmentPolicy LEARNED = MagnitudeAugment.trivial(MagnitudeSpace.PAPER, 0);
    private static final AugmentPolicy OTHER = MagnitudeAugment.trivial(MagnitudeSpace.PAPER, 1);

    private final ImageDataset data = TinyRun.shapes(12, 4).train();
    private final Recorder recorder = new Recorder();

    @BeforeAll
    static void oneThread() {
        TorchThreads.set(1);
    }

    /** Wants to be told of samples 1 and 4, and remembers what it is told. */
    private static final class Recorder implements LossSelection {
        private int[] samples = {};
        private float[] losses = {};

        @Override
        public String name() {
            return "recorder";
        }

        @Override
        public int[] select(int epoch) {
            return new int[] {0};
        }

        @Override
        public int[] unobserved() {
            return new int[] {1, 4};
        }

        @Override
        public void observe(int[] seen, float[] theirLosses) {
            samples = seen;
            losses = theirLosses;
        }

        @Override
        public int count(int epoch) {
            return 1;
        }

        @Override
        public double[] state() {
            return new double[0];
        }

        @Override
        public void restore(double[] state) {}
    }

    private LossPipeline pipeline(Engine engine) {
        EpochRules rules = new EpochRules(12, 1, new Annealing(0.5, 8), epoch -> LEARNED, new NoAugment());
        Inference inference = new Inference(engine, KERNEL, Precision.FP32, 5, new StopSignal());
        return new LossPipeline(rules, recorder, LOSS, data, inference, SEED);
    }

    @Test
    void ofSeveralViewsTheLossesOfTheOneThatIsLearnedFromAreObserved() throws IOException {
        try (Engine engine = Engine.open(TorchThreads.engineOptions(1));
                Network network = network();
                Network twin = network();
                InputBatches batches = new InputBatches(engine, KERNEL, data, 12, 3, 1);
                Learner learner = new Learner(network, AdaAugmentTest.settings(), Timeline.uniform(1, 1));
                PointerScope scope = new PointerScope()) {
            int[] order = {5, 3, 8, 0, 11, 7};
            batches.start(new InputBatches.Pass(order, List.of(LEARNED, new NoAugment(), OTHER), SEED, 0));
            batches.next();
            learner.step(batches, 0, pipeline(engine));
            assertThat(recorder.samples).containsExactly(order);
            assertThat(recorder.losses).containsExactly(losses(twin, batches, 0), within(1e-5f));
            assertThat(recorder.losses).isNotEqualTo(losses(twin, batches, 1));
            assertThat(recorder.losses).isNotEqualTo(losses(twin, batches, 2));
        }
    }

    @Test
    void samplesThatWereNotTrainedOnAreLookedAtAsTheEpochWouldHaveShownThem() throws IOException {
        try (Engine engine = Engine.open(TorchThreads.engineOptions(1));
                Network network = network();
                Network twin = network();
                InputBatches batches = new InputBatches(engine, KERNEL, data, 12, 1, 1);
                PointerScope scope = new PointerScope()) {
            LossPipeline pipeline = pipeline(engine);
            assertThat(pipeline.select(3, network)).containsExactly(0);
            assertThat(pipeline.forwardVisits(3)).isEqualTo(2);
            batches.start(new InputBatches.Pass(new int[] {1, 4}, List.of(LEARNED), SEED, 2));
            batches.next();
            twin.mode(Mode.EVALUATE);
            assertThat(recorder.samples).containsExactly(1, 4);
            assertThat(recorder.losses).containsExactly(losses(twin, batches, 0), within(1e-5f));
            Tensor untouched = twin.flat().runningStatistics();
            assertThat(network.flat().runningStatistics().equal(untouched)).isTrue();
            assertThat(pipeline.select(4, network)).hasSize(12);
            assertThat(pipeline.forwardVisits(4)).isZero();
        }
    }

    private static Network network() {
        Network network = Model.RESNET20.create(10);
        Initialization.apply(network, 5);
        return network;
    }

    private static float[] losses(Network network, InputBatches batches, int view) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            float[] losses = new float[batches.size()];
            Tensor each = LOSS.losses(network.forward(batches.images(view)), batches.labels());
            TensorMemory.bytes(each).asFloatBuffer().get(losses);
            return losses;
        }
    }
}
