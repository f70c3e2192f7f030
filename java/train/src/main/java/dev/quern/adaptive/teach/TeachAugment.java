package dev.quern.adaptive.teach;

import dev.quern.adaptive.Magnitudes;
import dev.quern.adaptive.TensorState;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.step.Crop;
import dev.quern.augment.step.Flip;
import dev.quern.data.ImageDataset;
import dev.quern.io.TensorType;
import dev.quern.kernels.Device;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Network;
import dev.quern.nn.adaptive.ImageAugmenter;
import dev.quern.random.Philox;
import dev.quern.train.Adaptation;
import dev.quern.train.InputBatches;
import dev.quern.train.Observation;
import dev.quern.train.optimizer.Adam;
import dev.quern.train.optimizer.WeightAverage;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * TeachAugment (Suzuki 2022): an {@link ImageAugmenter} learns, along with the network, to make images that the network misses and its
 * average, the teacher, still knows.
 *
 * <pre>
 * for each batch x, y, cropped and flipped:
 *   a ← the augmenter or one of an earlier epoch;   network learns from cutout(a(x, y))
 *   every S steps:
 *     x̃ ← augmenter(x, y)
 *     augmenter learns from −log(1 − p_y(network, x̃)) + CE(teacher, x̃) + λ·SW(colours of x, colours of x̃)
 * every E epochs: keep the augmenter as it is
 * </pre>
 *
 * <p>Differs from the released code: crop and flip come before the augmenter, which learns after a step's images are made; one augmenter makes
 * a whole batch; the teacher's early steps are averaged over fewer.
 */
final class TeachAugment implements Adaptation {
    private static final double LEARNING_RATE = 1e-3;
    private static final double WEIGHT_DECAY = 1e-2;
    private static final double EPSILON = 1e-8;
    private static final int PADDING = 4;
    /** A slot above those of networks' initial weights, of folds and of other adaptations, below those of views. */
    private static final int REPLAY = 81;

    private static final String COUNTS = "counts";

    private final TeachAugmentConfig config;
    private final long seed;
    private final StepPolicy policy;
    private final NormalizedColors colors;
    private final ImageAugmenter augmenter;
    private final AugmenterReplay replay;
    private final Adam optimizer;
    private final WeightAverage teacher;
    private final AugmenterLoss loss;
    private Tensor given;
    private long steps;

    /**
     * @param normalization of the network's input
     * @param device of the network
     */
    TeachAugment(
            TeachAugmentConfig config,
            ImageDataset data,
            Network network,
            Normalization normalization,
            Device device,
            long seed) {
        this.config = config;
        this.seed = seed;
        policy = new StepPolicy(
                config.label(),
                data.height(),
                data.width(),
                List.of(new Crop(PADDING), new Flip(Flip.Axis.HORIZONTAL, 0.5)));
        colors = NormalizedColors.of(normalization, device);
        augmenter = augmenter(network, device);
        replay = new AugmenterReplay(augmenter, augmenter(network, device), config.replayMost(), config.replayDecay());
        optimizer = new Adam(augmenter.flat(), 0, EPSILON);
        teacher = new WeightAverage(network.flat(), config.teacherDecay());
        loss = new AugmenterLoss(config, teacher, colors, seed);
    }

    private ImageAugmenter augmenter(Network network, Device device) {
        ImageAugmenter made = new ImageAugmenter(network.classes(), config.augmenter(), seed);
        made.flat().to(device);
        return made;
    }

    /** How the samples are augmented before the augmenter has them. */
    StepPolicy policy() {
        return policy;
    }

    private boolean due() {
        return steps % config.every() == 0;
    }

    @Override
    public long revise(AugmentPolicy shown, InputBatches batch) {
        forget();
        if (shown != policy) {
            return 0;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor images = batch.images(0);
            given = images.clone().to(ScalarType.Float).retainReference();
            ImageAugmenter drawn = replay.of(replay.age(Philox.uniform(seed, steps, 0, REPLAY)));
            images.copy_(colors.normalized(augmented(drawn, batch.labels()).images()));
            new StepCutout(config.cutout(), seed).apply(images, steps);
        }
        return due() ? 2L * batch.size() : 0;
    }

    private ImageAugmenter.Augmented augmented(ImageAugmenter by, Tensor labels) {
        return by.of(colors.colors(given), given, labels, seed, steps);
    }

    @Override
    public void observe(Observation step) {
        if (given == null) {
            return;
        }
        teacher.update(steps);
        if (due()) {
            try (PointerScope scope = new PointerScope()) {
                augmenter.flat().zeroGradients();
                loss.of(step, given, augmented(augmenter, step.labels()), steps).backward();
                decay();
                optimizer.step(LEARNING_RATE);
            }
        }
        steps++;
    }

    /** Apart from the gradients, as in AdamW (Loshchilov and Hutter 2019). */
    private void decay() {
        try (NoGradGuard guard = new NoGradGuard()) {
            augmenter.flat().values().mul_(new Scalar(1 - LEARNING_RATE * WEIGHT_DECAY));
        }
    }

    private void forget() {
        if (given != null) {
            given.close();
            given = null;
        }
    }

    @Override
    public Optional<MagnitudeMetrics> finish(int epoch) {
        if ((epoch + 1) % config.replayEvery() == 0) {
            replay.store();
        }
        return Optional.empty();
    }

    private TensorState learned() {
        List<String> names = new ArrayList<>(
                List.of("augmenter", "augmenter.mean", "augmenter.square", "teacher.weights", "teacher.statistics"));
        List<Tensor> tensors =
                new ArrayList<>(List.of(augmenter.flat().values(), optimizer.mean(), optimizer.square()));
        tensors.addAll(teacher.state());
        for (Tensor past : replay.weights()) {
            names.add("replay." + (tensors.size() - 5));
            tensors.add(past);
        }
        return new TensorState(names, tensors);
    }

    @Override
    public Map<String, dev.quern.io.Tensor> state() {
        Map<String, dev.quern.io.Tensor> state = new LinkedHashMap<>();
        long kept = replay.weights().size();
        state.put(COUNTS, dev.quern.io.Tensor.of(new long[] {steps, optimizer.steps(), kept}, 3));
        learned().save(state);
        return state;
    }

    @Override
    public void restore(Map<String, dev.quern.io.Tensor> state) throws IOException {
        long[] counts = Magnitudes.require(state, COUNTS, TensorType.I64, 3).toLongs();
        long kept = state.keySet().stream()
                .filter(name -> name.startsWith("replay."))
                .count();
        if (counts[2] != kept || kept > config.replayMost()) {
            throw new IOException("checkpoint: " + kept + " tensors 'adaptation.replay', allowed: " + counts[2]);
        }
        replay.resize((int) kept);
        learned().restore(state);
        steps = counts[0];
        optimizer.steps(counts[1]);
    }

    @Override
    public void close() {
        forget();
        teacher.close();
        optimizer.close();
        replay.close();
        augmenter.close();
        colors.close();
    }
}
