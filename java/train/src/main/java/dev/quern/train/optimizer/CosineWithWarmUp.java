package dev.quern.train.optimizer;

/**
 * Linear warm-up, then half a cosine down to 0 (Loshchilov and Hutter 2017).
 *
 * @param peak largest learning rate, &gt; 0
 * @param steps in all, ≥ 1
 * @param warmUpSteps 0 … {@code steps}; step i of them runs at peak·(i+1)/warmUpSteps
 */
public record CosineWithWarmUp(double peak, long steps, long warmUpSteps) implements LearningRate {
    public CosineWithWarmUp {
        if (!(peak > 0 && Double.isFinite(peak))) {
            throw new IllegalArgumentException("peak is " + peak + ", allowed: above 0");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("steps is " + steps + ", allowed: ≥ 1");
        }
        if (warmUpSteps < 0 || warmUpSteps > steps) {
            throw new IllegalArgumentException("warmUpSteps is " + warmUpSteps + ", allowed: 0 … " + steps);
        }
    }

    @Override
    public double at(long step) {
        if (step < warmUpSteps) {
            return peak * (step + 1) / warmUpSteps;
        }
        double share = Math.min(1, (double) (step - warmUpSteps) / Math.max(1, steps - warmUpSteps));
        return peak / 2 * (1 + StrictMath.cos(Math.PI * share));
    }
}
