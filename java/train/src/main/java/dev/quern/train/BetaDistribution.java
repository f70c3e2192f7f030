package dev.quern.train;

import dev.quern.data.Philox;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The Beta distribution over actions in (0, 1): its draws, and its log density as a function that can be differentiated. */
public final class BetaDistribution {
    /** Keeps logarithms of actions finite. */
    private static final double EDGE = 1e-6;
    /** Slots of {@link Philox} above those that quern-data uses. */
    private static final int STREAM = 80;

    private static final int GAMMA = 81;

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
     * A draw for one sample: the share of the first of two Gamma variables in their sum, kept 1e-6 away from 0 and 1.
     *
     * @param alpha ≥ 1
     * @param beta ≥ 1
     */
    public static float draw(double alpha, double beta, long seed, int epoch, int sample) {
        double first = gamma(alpha, Philox.bits(seed, epoch, sample, STREAM), 0);
        double second = gamma(beta, Philox.bits(seed, epoch, sample, STREAM), 1);
        return (float) Math.min(Math.max(first / (first + second), EDGE), 1 - EDGE);
    }

    /** A Gamma variable of shape ≥ 1 by rejection (Marsaglia and Tsang 2000), from a stream of its own. */
    private static double gamma(double shape, long stream, int variable) {
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        for (int attempt = 0; ; attempt++) {
            double radius =
                    StrictMath.sqrt(-2 * StrictMath.log(1 - Philox.uniform(stream, attempt, 3 * variable, GAMMA)));
            double x = radius * StrictMath.cos(2 * Math.PI * Philox.uniform(stream, attempt, 3 * variable + 1, GAMMA));
            double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            double u = 1 - Philox.uniform(stream, attempt, 3 * variable + 2, GAMMA);
            if (v > 0 && StrictMath.log(u) < x * x / 2 + d - d * v + d * StrictMath.log(v)) {
                return d * v;
            }
        }
    }
}
