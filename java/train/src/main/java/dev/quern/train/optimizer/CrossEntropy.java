package dev.quern.train.optimizer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Mean softmax cross-entropy with label smoothing (Szegedy et al. 2016): the target is 1 − s on the label plus s/C on every class. EntLoss
 * (Yang et al. 2024) adds the entropy of the prediction.
 *
 * @param smoothing s, in [0, 1)
 * @param entropyWeight of H/ln C, ≥ 0; 1 in EntLoss
 */
public record CrossEntropy(double smoothing, double entropyWeight) {
    private static final long NONE = 0;
    private static final long MEAN = 1;
    private static final long NOTHING_IGNORED = -100;
    /** Keeps the logarithm of a vanishing probability finite; of the released code. */
    private static final double GUARD = 1e-8;

    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("smoothing is " + smoothing + ", allowed: 0 up to below 1");
        }
        if (!(entropyWeight >= 0 && Double.isFinite(entropyWeight))) {
            throw new IllegalArgumentException("entropyWeight is " + entropyWeight + ", allowed: ≥ 0, finite");
        }
    }

    /**
     * @param logits float32 [B,C]
     * @param labels int64 [B], or float32 [B,C] shares of every class
     * @return a scalar that can be differentiated
     */
    public Tensor loss(Tensor logits, Tensor labels) {
        Tensor mean = torch.cross_entropy_loss(logits, labels, new TensorOptional(), MEAN, NOTHING_IGNORED, smoothing);
        return entropyWeight == 0 ? mean : mean.add(normalizedEntropy(logits).mean(), new Scalar(entropyWeight));
    }

    /**
     * The same mean, over losses that count differently; it is divided by their number, not by their weights.
     *
     * @param weights float32 [B]
     */
    public Tensor loss(Tensor logits, Tensor labels, Tensor weights) {
        return losses(logits, labels).mul(weights).mean();
    }

    /** The losses whose mean {@link #loss} is, float32 [B]. */
    public Tensor losses(Tensor logits, Tensor labels) {
        Tensor each = torch.cross_entropy_loss(logits, labels, new TensorOptional(), NONE, NOTHING_IGNORED, smoothing);
        return entropyWeight == 0 ? each : each.add(normalizedEntropy(logits), new Scalar(entropyWeight));
    }

    /** The cross-entropy of each sample alone, without smoothing: float32 [B]. */
    public static Tensor ofSamples(Tensor logits, Tensor labels) {
        return torch.cross_entropy_loss(logits, labels, new TensorOptional(), NONE, NOTHING_IGNORED, 0);
    }

    /** −Σ p ln(p + 1e-8) / ln C of each sample's prediction, float32 [B], about 0 … 1. */
    public static Tensor normalizedEntropy(Tensor logits) {
        Tensor p = logits.softmax(1);
        double scale = -1 / StrictMath.log(logits.size(1));
        return p.mul(p.add(new Scalar(GUARD)).log()).sum(1).mul(new Scalar(scale));
    }
}
