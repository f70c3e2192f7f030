package dev.quern.augment;

import dev.quern.random.Philox;

/**
 * The random numbers of one step of a policy for one sample: pure functions of (seed, epoch, sample, place of the step, slot), so that batches,
 * threads and resumption cannot change them.
 *
 * @param first Philox slot that {@code slot} 0 stands for
 */
public record Draws(long seed, int epoch, long sample, int first) {
    /** Slots of one step. */
    public static final int SLOTS = 1 << 16;
    /** Slots that {@link #gamma} may use. */
    static final int GAMMA_SLOTS = 3 * 64;

    /** The draws of step number {@code place} of a policy. */
    public static Draws of(long seed, int epoch, long sample, int place) {
        return new Draws(seed, epoch, sample, (place + 1) * SLOTS);
    }

    /** The draws of the step {@code places} places before. */
    public Draws before(int places) {
        return new Draws(seed, epoch, sample, first - places * SLOTS);
    }

    /** Uniform in [0, 1). */
    public double uniform(int slot) {
        return Philox.uniform(seed, epoch, sample, first + slot);
    }

    /** Uniform in [low, high). */
    public double uniform(double low, double high, int slot) {
        return low + (high - low) * uniform(slot);
    }

    /** Uniform in 0 … {@code bound} − 1. */
    public int below(int bound, int slot) {
        return Philox.uniformInt(bound, seed, epoch, sample, first + slot);
    }

    /** True with the given probability. */
    public boolean happens(double probability, int slot) {
        return uniform(slot) < probability;
    }

    /** −1 or 1, equally likely. */
    public int sign(int slot) {
        return Philox.coin(seed, epoch, sample, first + slot) ? -1 : 1;
    }

    /** Standard normal (Box and Muller 1958), from slots {@code slot} and {@code slot} + 1. */
    public double normal(int slot) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(slot)));
        return radius * StrictMath.cos(2 * Math.PI * uniform(slot + 1));
    }

    /** Gamma(shape, 1) with shape &gt; 0 (Marsaglia and Tsang 2000), from {@value #GAMMA_SLOTS} slots. */
    public double gamma(double shape, int slot) {
        if (shape == 1) {
            return -StrictMath.log(1 - uniform(slot));
        }
        if (shape < 1) {
            return gammaAboveOne(shape + 1, slot + 1) * StrictMath.pow(1 - uniform(slot), 1 / shape);
        }
        return gammaAboveOne(shape, slot + 1);
    }

    /** Each try is accepted with a probability above 0.95: sixty-three of them always suffice. */
    private double gammaAboveOne(double shape, int slot) {
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        for (int at = slot; at + 3 < slot + GAMMA_SLOTS; at += 3) {
            double x = normal(at);
            double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            if (v > 0 && StrictMath.log(1 - uniform(at + 2)) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
                return d * v;
            }
        }
        return d;
    }

    /** Beta(a, b) in [0, 1], from 2·{@value #GAMMA_SLOTS} slots. */
    public double beta(double a, double b, int slot) {
        double one = gamma(a, slot);
        double other = gamma(b, slot + GAMMA_SLOTS);
        return one + other == 0 ? 0.5 : one / (one + other);
    }

    /** Dirichlet(1, …, 1) over {@code n} shares, from {@code n} slots. */
    public double[] dirichlet(int n, int slot) {
        double[] shares = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            shares[i] = gamma(1, slot + i);
            sum += shares[i];
        }
        for (int i = 0; i < n; i++) {
            shares[i] = sum == 0 ? 1.0 / n : shares[i] / sum;
        }
        return shares;
    }
}
