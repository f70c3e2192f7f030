package dev.quern.adaptive.ada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.adaptive.AdaptiveViews;
import dev.quern.adaptive.Magnitudes;
import dev.quern.adaptive.ada.AdvantageActorCritic.Transitions;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.policy.MagnitudeAugment.OpDraw;
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
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.ActorCritic;
import dev.quern.nn.model.Model;
import dev.quern.run.Method;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.run.Training;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.Outputs;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainerSettings;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.MagnitudeMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public class AdaAugmentTest {
    private static final int BATCH = 12;
    private static final int EPOCHS = 4;
    private static final long SEED = 3;

    @TempDir
    private Path folder;

    /** One step, repeated by hand on twins of network and agent from the definition of the method. */
    @ParameterizedTest
    @EnumSource
    void aStepTeachesTheAgentWhatTheDefinitionSays(Profile profile) throws IOException {
        ImageDataset data = TinyRun.shapes(BATCH, 4).train();
        try (Engine engine = Engine.open();
                Network network = network();
                Network twin = network();
                AdvantageActorCritic agent = agent();
                AdvantageActorCritic expected = agent();
                PointerScope scope = new PointerScope()) {
            AdaAugment ada = ada(profile, data, inference(engine), agent);
            ada.prepare(network);
            float[] before = magnitudes(ada);
            assertThat(before).doesNotContain(0f).doesNotHaveDuplicates();
            try (InputBatches batches = new InputBatches(engine, kernel(), data, BATCH, 3, 1);
                    Learner learner = new Learner(network, settings(), Timeline.uniform(EPOCHS, 1))) {
                int[] order = IntStream.range(0, BATCH).toArray();
                batches.start(new InputBatches.Pass(order, ada.views(ada.policy()), SEED, 1));
                assertThat(batches.next()).isTrue();
                Outputs adaptive = outputs(twin, batches.images(0));
                Outputs plain = outputs(twin, batches.images(1));
                Outputs full = outputs(twin, batches.images(2));
                learner.step(batches, 0, ada);
                float[] after = magnitudes(ada);
                assertThat(after).isNotEqualTo(before);
                assertThat(after).containsExactly(expected.act(plain.features(), SEED, 1, order));
                float[] rewards = rewards(adaptive, plain, full, batches.labels(), 1 - 2.0 / EPOCHS);
                float[] credited = profile == Profile.RELEASED ? after : before;
                expected.update(
                        new Transitions(
                                plain.features(),
                                TensorMemory.copyOf(credited),
                                TensorMemory.copyOf(rewards),
                                adaptive.features()),
                        1);
                for (int i = 0; i < expected.state().size(); i++) {
                    Tensor difference =
                            agent.state().get(i).sub(expected.state().get(i));
                    assertThat(difference.abs().max().item_double()).isLessThan(1e-6);
                }
                MagnitudeMetrics metrics = ada.finish(1).orElseThrow();
                double mean = IntStream.range(0, BATCH)
                        .mapToDouble(i -> rewards[i])
                        .average()
                        .orElseThrow();
                assertThat(metrics.reward().orElseThrow()).isCloseTo(mean, within(1e-5));
                assertThat(metrics.lambda().orElseThrow()).isEqualTo(0.5);
            }
        }
    }

    @Test
    void asIntendedTheFullViewIsTheAdaptiveOneAtMagnitudeOne() throws IOException {
        AdaptiveViews views = new AdaptiveViews(MagnitudeSpace.PAPER, 32, 32);
        float[][] full = pixels(views.full(OpDraw.EVERY_SAMPLE, AdaptiveViews.Geometry.MATCHED));
        float[][] adaptive = pixels(views.adaptive("ada", sample -> 1));
        assertThat(full).isDeepEqualTo(adaptive);
        assertThat(pixels(views.adaptive("ada", sample -> 0.5))).isNotEqualTo(adaptive);
    }

    @Test
    void asIntendedThePlainViewIsTheAdaptiveOneAtMagnitudeZeroWithoutCutout() throws IOException {
        AdaptiveViews views = new AdaptiveViews(MagnitudeSpace.PAPER, 32, 32);
        float[][] plain = pixels(views.plain());
        float[][] adaptive = pixels(views.adaptive("ada", sample -> 0));
        int same = 0;
        for (int i = 0; i < plain.length; i++) {
            same += differingPixels(plain[i], adaptive[i]) <= 16 * 16 ? 1 : 0;
        }
        // All but the samples of auto-contrast and equalize, which have no magnitude: 2 of 14.
        assertThat(same).isBetween((int) (0.75 * plain.length), plain.length);
    }

    @Test
    void asReleasedThePlainViewIsCroppedByItselfAndNeverFlipped() throws IOException {
        AdaptiveViews views = new AdaptiveViews(MagnitudeSpace.RELEASED, 32, 32);
        float[][] released = pixels(views.plainUnmatched());
        float[][] matched = pixels(views.plain());
        int different = 0;
        for (int i = 0; i < released.length; i++) {
            different += differingPixels(released[i], matched[i]) > 0 ? 1 : 0;
        }
        assertThat(different).isGreaterThan(released.length * 8 / 10);
    }

    @Test
    void asReleasedALastBatchOfOneSampleIsRefused() throws IOException {
        TrainConfig released = TinyRun.adaptive(TinyRun.Adaptive.ADA_RELEASED).withAnnealing(1);
        assertThatThrownBy(() -> run(released))
                .hasMessage("batch is 16, which leaves a last batch of 1 of 33 samples,"
                        + " allowed in the released profile: a last batch of 2 or more");
        run(TinyRun.adaptive(TinyRun.Adaptive.ADA_PAPER).withAnnealing(1));
    }

    @Test
    void selectionAndAnnealingRunWithIt() throws IOException {
        TrainConfig config = TinyRun.config(Method.RANDOM_DYNAMIC)
                .withAdaptive(AdaAugmentConfig.of(Profile.PAPER, 8))
                .withAnnealing(0.5);
        TrainResult result = TinyRun.run(config, folder, Start.NEW, TrainListener.SILENT, new StopSignal());
        // 96 before the first epoch; two more views of the 38 samples of the epoch before annealing.
        assertThat(result.outcome().forwardVisits()).isEqualTo(96 + 2 * 38);
    }

    private void run(TrainConfig config) throws IOException {
        Path run = folder.resolve(Integer.toString(config.hashCode()));
        Training.run(config, TinyRun.shapes(33, 4), run, Start.NEW, TrainListener.SILENT, new StopSignal());
    }

    private static float[][] pixels(AugmentPolicy policy) throws IOException {
        ImageDataset data = TinyRun.shapes(60, 4).train();
        float[][] pixels = new float[data.size()][];
        try (Engine engine = Engine.open();
                InputBatches batches = new InputBatches(engine, kernel(), data, data.size(), 1, 1);
                PointerScope scope = new PointerScope()) {
            int[] order = IntStream.range(0, data.size()).toArray();
            batches.start(new InputBatches.Pass(order, List.of(policy), SEED, 0));
            batches.next();
            Tensor images = batches.images(0).contiguous();
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = new float[3 * 32 * 32];
                TensorMemory.bytes(images.select(0, i)).asFloatBuffer().get(pixels[i]);
            }
        }
        return pixels;
    }

    private static int differingPixels(float[] a, float[] b) {
        int different = 0;
        for (int at = 0; at < 32 * 32; at++) {
            boolean same = a[at] == b[at] && a[at + 1024] == b[at + 1024] && a[at + 2048] == b[at + 2048];
            different += same ? 0 : 1;
        }
        return different;
    }

    /** r = λ(L_full − L_ada) + (1 − λ)(L_ada − L_none) from the logits, in float64. */
    private static float[] rewards(Outputs adaptive, Outputs plain, Outputs full, Tensor labels, double lambda) {
        float[] rewards = new float[BATCH];
        for (int i = 0; i < BATCH; i++) {
            int label = (int) labels.select(0, i).item_long();
            double ada = crossEntropy(adaptive, i, label);
            double harder = crossEntropy(full, i, label) - ada;
            double easier = ada - crossEntropy(plain, i, label);
            rewards[i] = (float) (lambda * harder + (1 - lambda) * easier);
        }
        return rewards;
    }

    private static double crossEntropy(Outputs outputs, int row, int label) {
        FloatBuffer logits =
                TensorMemory.bytes(outputs.logits().select(0, row).contiguous()).asFloatBuffer();
        double sum = 0;
        for (int c = 0; c < logits.capacity(); c++) {
            sum += Math.exp(logits.get(c));
        }
        return Math.log(sum) - logits.get(label);
    }

    private static Outputs outputs(Network network, Tensor images) {
        Tensor features = network.features(images);
        return new Outputs(features.detach(), network.classify(features).detach());
    }

    private static float[] magnitudes(AdaAugment ada) {
        return ada.state().get(Magnitudes.KEY).toFloats();
    }

    private static AdaAugment ada(Profile profile, ImageDataset data, Inference inference, AdvantageActorCritic agent) {
        MagnitudeSpace space = profile == Profile.RELEASED ? MagnitudeSpace.RELEASED : MagnitudeSpace.PAPER;
        return new AdaAugment(
                AdaAugmentConfig.of(profile, 16),
                new AdaptiveViews(space, data.height(), data.width()),
                data,
                inference,
                agent,
                EPOCHS,
                SEED);
    }

    private static AdvantageActorCritic agent() {
        return new AdvantageActorCritic(new ActorCritic(64, ActorCritic.Size.RELEASED, SEED), EPOCHS);
    }

    private static Network network() {
        Network network = Model.RESNET20.create(10);
        Initialization.apply(network, 5);
        network.mode(Mode.TRAIN);
        return network;
    }

    private static FusedAugment kernel() {
        return FusedAugment.UINT8
                .withCutout(16)
                .normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);
    }

    private static Inference inference(Engine engine) {
        return new Inference(engine, kernel(), Precision.FP32, 5, new StopSignal());
    }

    public static TrainerSettings settings() {
        return new TrainerSettings(
                EPOCHS,
                EPOCHS,
                BATCH,
                TrainerSettings.Schedule.RELEASED,
                0.1,
                1,
                0,
                0,
                0,
                0,
                0,
                Precision.FP32,
                1,
                0,
                1);
    }
}
