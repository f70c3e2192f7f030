package dev.quern.adaptive.teach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.augment.NoAugment;
import dev.quern.data.Splits;
import dev.quern.kernels.DType;
import dev.quern.kernels.Device;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TinyNetwork;
import dev.quern.nn.adaptive.ImageAugmenter;
import dev.quern.random.Philox;
import dev.quern.run.Method;
import dev.quern.run.Requirements;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainerSettings;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeachAugmentTest {
    private static final int BATCH = 6;
    private static final int CLASSES = 10;
    private static final long SEED = 3;
    /** Smooth enough for finite differences. */
    private static final TeachAugmentConfig CONFIG =
            TeachAugmentConfig.of(8).withAugmenter(new ImageAugmenter.Setting(0.5, 0.8, 0.2, 1));

    private static final FusedAugment KERNEL =
            FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);

    @TempDir
    private Path folder;

    /** Finite differences of the loss as it stands in the paper, of two networks that are there at once. */
    @Test
    void theAugmenterLearnsFromTheNetworkItsTeacherAndTheColors() throws IOException {
        try (PointerScope scope = new PointerScope();
                Engine engine = Engine.open();
                Network network = TinyNetwork.of(32, CLASSES, 5);
                Network teacher = TinyNetwork.of(32, CLASSES, 5);
                InputBatches batches = batches(engine);
                TeachAugment teach = teach(network);
                Learner learner = new Learner(network, settings(), Timeline.uniform(1, 2))) {
            fill(state(teach, "augmenter"), 0.03);
            fill(state(teach, "teacher.weights"), 0.5);
            Tensor start = tensor(teach, "augmenter");
            batches.next();
            Tensor given = batches.images(0).clone();
            teach.revise(teach.policy(), batches);
            double[] slopes = new double[2];
            learner.step(batches, 0, step -> {
                network.flat().zeroGradients();
                teach.observe(step);
                assertThat(network.flat().gradients().abs().max().item_double()).isZero();
                teacher.flat().values().copy_(tensor(teach, "teacher.weights"));
                Tensor gradient = tensor(teach, "augmenter.mean").mul(new Scalar(10));
                slopes[0] = gradient.norm().item_double();
                Tensor direction = gradient.div(new Scalar(slopes[0]));
                double up = loss(start.add(direction, new Scalar(1e-3)), given, step.labels(), network, teacher);
                double down = loss(start.sub(direction, new Scalar(1e-3)), given, step.labels(), network, teacher);
                slopes[1] = (up - down) / 2e-3;
            });
            assertThat(slopes[0]).isGreaterThan(0.1).isCloseTo(slopes[1], within(0.03 * slopes[1]));
        }
    }

    private static double loss(Tensor weights, Tensor given, Tensor labels, Network network, Network teacher) {
        Tensor mean = TensorMemory.copyOf(Normalization.CIFAR10.mean()).view(1, 3, 1, 1);
        Tensor deviation = TensorMemory.copyOf(Normalization.CIFAR10.std()).view(1, 3, 1, 1);
        try (ImageAugmenter augmenter = new ImageAugmenter(CLASSES, CONFIG.augmenter(), 0)) {
            augmenter.flat().values().copy_(weights);
            ImageAugmenter.Augmented made = augmenter.of(given.mul(deviation).add(mean), given, labels, SEED, 0);
            Tensor images = made.images().sub(mean).div(deviation);
            Tensor directions = SlicedWasserstein.directions(128, SEED, 0, 82, given);
            double colors = SlicedWasserstein.between(
                            given, made.recolored().sub(mean).div(deviation), directions)
                    .item_double();
            float[] seen =
                    TensorMemory.floats(network.forward(images).softmax(1).detach());
            float[] known =
                    TensorMemory.floats(teacher.forward(images).softmax(1).detach());
            double sum = 0;
            for (int i = 0; i < BATCH; i++) {
                int label = (int) labels.select(0, i).item_long();
                sum -= Math.log(known[i * CLASSES + label]);
                for (int c = 0; c < CLASSES; c++) {
                    double target = 0.02 + (c == label ? 0.8 : 0);
                    sum -= target * Math.log(1 - seen[i * CLASSES + c]);
                }
            }
            return sum / BATCH + 10 * colors;
        }
    }

    @Test
    void anAugmenterThatHasNotLearnedOnlyCutsOut() throws IOException {
        try (PointerScope scope = new PointerScope();
                Engine engine = Engine.open();
                Network network = TinyNetwork.of(32, CLASSES, 5);
                InputBatches batches = batches(engine);
                TeachAugment teach = teach(network)) {
            batches.next();
            Tensor given = batches.images(0).clone();
            assertThat(teach.revise(new NoAugment(), batches)).isZero();
            assertThat(batches.images(0).equal(given)).isTrue();
            assertThat(teach.revise(teach.policy(), batches)).isEqualTo(2 * BATCH);
            Tensor changed = batches.images(0).sub(given).abs().gt(new Scalar(1e-4));
            Tensor black = batches.images(0).eq(new Scalar(0.0));
            assertThat(changed.logical_and(black.logical_not()).any().item_bool())
                    .isFalse();
            for (int i = 0; i < BATCH; i++) {
                assertThat(black.select(0, i).all(0, false).sum().item_long()).isBetween(16L, 64L);
            }
        }
    }

    @Test
    void olderAugmentersAreDrawnTheLessOften() {
        ImageAugmenter.Setting setting = CONFIG.augmenter();
        try (PointerScope scope = new PointerScope();
                ImageAugmenter present = new ImageAugmenter(2, setting, 1);
                AugmenterReplay replay = new AugmenterReplay(present, new ImageAugmenter(2, setting, 1), 2, 0.5)) {
            assertThat(replay.age(0.99)).isZero();
            replay.store();
            present.flat().values().fill_(new Scalar(1.0));
            replay.store();
            present.flat().values().fill_(new Scalar(2.0));
            replay.store();
            present.flat().values().fill_(new Scalar(3.0));
            // Weights 1, ½, ¼: bounds 0.571 and 0.857.
            assertThat(List.of(replay.age(0), replay.age(0.57), replay.age(0.58), replay.age(0.85), replay.age(0.86)))
                    .containsExactly(0, 0, 1, 1, 2);
            for (int age = 0; age < 3; age++) {
                assertThat(replay.of(age).flat().values().min().item_double()).isEqualTo(3 - age);
            }
        }
    }

    @Test
    void everyFifthStepShowsItsImagesToNetworkAndTeacherAsWell() throws IOException {
        TrainConfig config = TinyRun.config(Method.FULL).withAnnealing(1).withAdaptive(TeachAugmentConfig.of(8));
        TrainResult result = TinyRun.run(config, folder, Start.NEW, TrainListener.SILENT, new StopSignal());
        // 18 steps of 16: the first, sixth, eleventh and sixteenth.
        assertThat(result.outcome().forwardVisits()).isEqualTo(4 * 2 * 16);
    }

    @Test
    void measuresThatDoNotSeeItsImagesAreRefused() {
        TrainConfig config = TinyRun.config(Method.FULL).withAdaptive(TeachAugmentConfig.of(8));
        Splits data = TinyRun.shapes(8, 8);
        assertThatThrownBy(() -> new Requirements(TinyRun.tracked(config)).requireTrainable(data))
                .hasMessage("augmentation is teachaugment, allowed where similarity is tracked: any other");
    }

    private static TeachAugment teach(Network network) throws IOException {
        return new TeachAugment(
                CONFIG, TinyRun.shapes(BATCH, 1).train(), network, Normalization.CIFAR10, Device.CPU, SEED);
    }

    private static InputBatches batches(Engine engine) throws IOException {
        InputBatches batches =
                new InputBatches(engine, KERNEL, TinyRun.shapes(BATCH, 1).train(), BATCH, 1, 0);
        int[] order = IntStream.range(0, BATCH).toArray();
        batches.start(new InputBatches.Pass(order, List.of(new NoAugment()), SEED, 0));
        return batches;
    }

    private static FloatBuffer state(TeachAugment teach, String name) {
        return teach.state().get(name).bytes().asFloatBuffer();
    }

    private static Tensor tensor(TeachAugment teach, String name) {
        return TensorMemory.copyOf(teach.state().get(name).toFloats());
    }

    /** Adds normal numbers. */
    private static void fill(FloatBuffer values, double deviation) {
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, values.get(i) + (float) (deviation * Philox.normal(SEED, 0, i, 90)));
        }
    }

    private static TrainerSettings settings() {
        return new TrainerSettings(
                1, 1, BATCH, TrainerSettings.Schedule.ONE_CYCLE, 0.5, 1, 0, 0.1, 0, 0, 0, Precision.FP32, 1, 0, 1);
    }
}
