package dev.quern.train.optimizer;

import java.io.IOException;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Dynamic loss scaling (Micikevicius et al. 2018) as PyTorch's {@code GradScaler} does it, so that float16 gradients do not vanish: the scale
 * starts at 65,536, doubles after 2,000 finite steps in a row and halves where a gradient is infinite or NaN. Such a step is to be skipped.
 */
public final class GradientScaler {
    private static final double START = 65_536;
    private static final double GROWTH = 2;
    private static final double BACKOFF = 0.5;
    private static final int GROWTH_INTERVAL = 2000;
    /** Still a float32. */
    private static final double LARGEST = 0x1p127;

    private double scale = START;
    private int finiteSteps;
    private long skippedSteps;

    /** The loss whose gradients {@link #unscale} takes. */
    public Tensor scaled(Tensor loss) {
        return loss.mul(new Scalar(scale));
    }

    /**
     * Divides gradients, in place, by the scale they were computed with, and adapts it for the next step.
     *
     * @return false if a gradient is infinite or NaN: the step is to be skipped
     */
    public boolean unscale(Tensor gradients) {
        boolean finite;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            finite = gradients.isfinite().all().item_bool();
            gradients.mul_(new Scalar(1 / scale));
        }
        if (!finite) {
            scale *= BACKOFF;
            finiteSteps = 0;
            skippedSteps++;
        } else if (++finiteSteps == GROWTH_INTERVAL) {
            scale = Math.min(scale * GROWTH, LARGEST);
            finiteSteps = 0;
        }
        return finite;
    }

    /** What the next loss is multiplied by, and the steps skipped so far. */
    public LossScale lossScale() {
        return new LossScale(scale, skippedSteps);
    }

    /** What a checkpoint keeps. */
    public double[] state() {
        return new double[] {scale, finiteSteps, skippedSteps};
    }

    /** @throws IOException if no scaler has such a state */
    public void restore(double[] state) throws IOException {
        boolean scales = state[0] >= Float.MIN_NORMAL && state[0] <= LARGEST;
        boolean counts = state[1] >= 0 && state[1] < GROWTH_INTERVAL && state[2] >= 0;
        if (!scales || !counts) {
            throw new IOException("checkpoint: tensor 'scaler' holds " + Arrays.toString(state)
                    + ", allowed: a scale of at most 2^127, finite steps below 2000 and skipped steps");
        }
        scale = state[0];
        finiteSteps = (int) state[1];
        skippedSteps = (long) state[2];
    }
}
