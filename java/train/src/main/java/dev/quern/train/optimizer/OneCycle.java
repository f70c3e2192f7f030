package dev.quern.train.optimizer;

/**
 * One cycle (Smith and Topin 2019) as PyTorch's {@code OneCycleLR} computes it, with cosine annealing: from peak/{@code divide} up to the
 * peak during the first {@code warmUpShare} of the steps, then down to peak/{@code divide}/{@code finalDivide}.
 *
 * @param peak largest learning rate, &gt; 0
 * @param steps in all, ≥ 1
 * @param warmUpShare in (0, 1)
 * @param divide peak over the first learning rate, ≥ 1
 * @param finalDivide first over last learning rate, ≥ 1
 * @param cycle whether momentum moves against the learning rate
 */
public record OneCycle(
        double peak, long steps, double warmUpShare, double divide, double finalDivide, MomentumCycle cycle)
        implements LearningRate {
    private static final double MOMENTUM = 0.9;
    private static final double LOW_MOMENTUM = 0.85;
    private static final double HIGH_MOMENTUM = 0.95;

    /** What momentum does. */
    public enum MomentumCycle {
        /** 0.9 throughout. */
        CONSTANT,
        /** From 0.95 down to 0.85 and back. */
        INVERSE
    }

    public OneCycle {
        require("peak", peak, peak > 0 && Double.isFinite(peak), "above 0");
        require("steps", steps, steps >= 1, "≥ 1");
        require("warmUpShare", warmUpShare, warmUpShare > 0 && warmUpShare < 1, "above 0 and below 1");
        require("divide", divide, divide >= 1, "≥ 1");
        require("finalDivide", finalDivide, finalDivide >= 1, "≥ 1");
    }

    /** PyTorch's defaults: 30 % warm-up, from peak/25, down to peak/250,000; momentum 0.9. */
    public static OneCycle of(double peak, long steps) {
        return new OneCycle(peak, steps, 0.3, 25, 1e4, MomentumCycle.CONSTANT);
    }

    @Override
    public double at(long step) {
        double first = peak / divide;
        return interpolate(step, first, peak, first / finalDivide);
    }

    @Override
    public double momentumAt(long step) {
        return switch (cycle) {
            case CONSTANT -> MOMENTUM;
            case INVERSE -> interpolate(step, HIGH_MOMENTUM, LOW_MOMENTUM, HIGH_MOMENTUM);
        };
    }

    private double interpolate(long step, double start, double middle, double end) {
        double top = warmUpShare * steps - 1;
        double last = steps - 1;
        if (step <= top) {
            return cosine(start, middle, top == 0 ? 1 : step / top);
        }
        return cosine(middle, end, Math.min(1, (step - top) / (last - top)));
    }

    private static double cosine(double from, double to, double share) {
        return to + (from - to) / 2 * (1 + StrictMath.cos(Math.PI * share));
    }

    private static void require(String field, Object value, boolean valid, String allowed) {
        if (!valid) {
            throw new IllegalArgumentException(field + " is " + value + ", allowed: " + allowed);
        }
    }
}
