package dev.quern.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Mean softmax cross-entropy with label smoothing (Szegedy et al. 2016): the target is 1 − s on the label plus s/C on every class.
 *
 * @param smoothing s, in [0, 1)
 */
public record CrossEntropy(double smoothing) {
    private static final long MEAN = 1;
    private static final long NOTHING_IGNORED = -100;

    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("smoothing is " + smoothing + ", allowed: 0 up to below 1");
        }
    }

    /**
     * @param logits float32 [B,C]
     * @param labels int64 [B]
     * @return a scalar that can be differentiated
     */
    public Tensor loss(Tensor logits, Tensor labels) {
        return torch.cross_entropy_loss(logits, labels, new TensorOptional(), MEAN, NOTHING_IGNORED, smoothing);
    }
}
