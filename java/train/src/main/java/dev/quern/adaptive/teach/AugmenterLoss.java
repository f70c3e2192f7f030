package dev.quern.adaptive.teach;

import dev.quern.nn.adaptive.ImageAugmenter.Augmented;
import dev.quern.train.Observation;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.optimizer.WeightAverage;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What TeachAugment's augmenter learns from (Suzuki 2022): −log(1 − p_y) of the network, so that it misses the images, cross-entropy of the
 * teacher, so that they can still be told, and how far their colours have moved.
 */
record AugmenterLoss(TeachAugmentConfig config, WeightAverage teacher, NormalizedColors colors, long seed) {
    private static final int DIRECTIONS = 128;
    /** A slot next to those of {@link TeachAugment}. */
    private static final int DIRECTION = 82;
    /** Keeps the logarithm finite; of the released code. */
    private static final double GUARD = 1e-12;

    /**
     * A scalar whose gradient is that of the loss: both networks count by their slopes at the augmented images.
     *
     * @param given images before they were augmented, float32 [B,3,H,W], normalised
     * @param number of the step
     */
    Tensor of(Observation step, Tensor given, Augmented made, long number) {
        Tensor labels = step.labels();
        Tensor images = colors.normalized(made.images());
        Tensor slope = slope(step, images, logits -> missed(logits, labels));
        teacher.swap();
        try {
            slope.add_(slope(step, images, logits -> new CrossEntropy(0, 0).loss(logits, labels)));
        } finally {
            teacher.swap();
        }
        Tensor directions = SlicedWasserstein.directions(DIRECTIONS, seed, number, DIRECTION, given);
        Tensor moved = SlicedWasserstein.between(given, colors.normalized(made.recolored()), directions);
        return images.mul(slope).sum().add(moved, new Scalar(config.regularization()));
    }

    private static Tensor slope(Observation step, Tensor images, UnaryOperator<Tensor> loss) {
        Tensor at = images.detach().requires_grad_(true);
        Tensor value = step.keeping(() -> loss.apply(step.forward(at).logits()));
        BoolOptional dropGraph = new BoolOptional(false);
        return torch.grad(new TensorVector(value), new TensorVector(at), new TensorVector(), dropGraph, false, false)
                .get(0);
    }

    /** −Σ t log(1 − p), t the smoothed labels: small where the network does not see them. */
    private Tensor missed(Tensor logits, Tensor labels) {
        long classes = logits.size(1);
        Tensor targets = torch.one_hot(labels, classes)
                .mul(new Scalar(1 - config.smoothing()))
                .add(new Scalar(config.smoothing() / classes));
        Tensor others = logits.softmax(1).neg().add(new Scalar(1 + GUARD));
        return targets.mul(others.log()).sum(1).mean().neg();
    }
}
