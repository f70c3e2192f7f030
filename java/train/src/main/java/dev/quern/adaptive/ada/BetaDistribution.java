package dev.quern.adaptive.ada;

import dev.quern.augment.Draws;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The Beta distribution over actions in (0, 1): its draws, and its log density as a function that can be differentiated. */
public final class BetaDistribution {
    /** Keeps logarithms of actions finite. */
    private static final double EDGE = 1e-6;
    /** Above the slots that networks use, below those of augmentation policies. */
    private static final int FIRST_SLOT = 1 << 14;

    private BetaDistribution() {}

    /**
     * ln p(a) = (α−1) ln a + (β−1) ln(1−a) + ln Γ(α+β) − ln Γ(α) − ln Γ(β).
     *
     * @param alpha [B], above 0
     * @param beta [B], above 0
     * @param action [B], inside (0, 1)
     * @return [B]
     */
    public static Tensor logDensity(Tensor alpha, Tensor beta, Tensor action) {
        Scalar one = new Scalar(1.0);
        Tensor rest = action.neg().add(one);
        return alpha.sub(one)
                .mul(action.log())
                .add(beta.sub(one).mul(rest.log()))
                .add(alpha.add(beta).lgamma())
                .sub(alpha.lgamma())
                .sub(beta.lgamma());
    }

    /**
     * A draw for one sample, kept 1e-6 away from 0 and 1.
     *
     * @param alpha ≥ 1
     * @param beta ≥ 1
     */
    public static float draw(double alpha, double beta, long seed, int epoch, int sample) {
        double draw = new Draws(seed, epoch, sample, FIRST_SLOT).beta(alpha, beta, 0);
        return (float) Math.min(Math.max(draw, EDGE), 1 - EDGE);
    }
}
