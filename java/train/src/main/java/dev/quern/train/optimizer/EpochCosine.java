package dev.quern.train.optimizer;

/**
 * The schedule of AdaAugment's and EntAugment's released code, constant within an epoch: in epoch e of E, e/5 of the peak for the first
 * five (epoch 0 stands still) and the whole peak at e = 5, then peak/2·(1 + cos(π·(e − 6)/E)), which does not reach 0. With a multiplier above 1
 * the warm-up begins at the base rate instead of 0.
 *
 * @param base learning rate, &gt; 0
 * @param multiplier of the base rate that gives the peak, ≥ 1
 */
public record EpochCosine(double base, double multiplier, Timeline timeline) implements LearningRate {
    private static final int WARM_UP = 5;

    public EpochCosine {
        if (!(base > 0 && Double.isFinite(base))) {
            throw new IllegalArgumentException("base is " + base + ", allowed: above 0");
        }
        if (!(multiplier >= 1 && Double.isFinite(multiplier))) {
            throw new IllegalArgumentException("multiplier is " + multiplier + ", allowed: ≥ 1");
        }
    }

    @Override
    public double at(long step) {
        int epoch = timeline.epochOf(step);
        if (epoch <= WARM_UP) {
            double start = multiplier == 1 ? 0 : base;
            return start + (base * multiplier - start) * epoch / WARM_UP;
        }
        double angle = Math.PI * (epoch - WARM_UP - 1) / timeline.epochs();
        return base * multiplier / 2 * (1 + StrictMath.cos(angle));
    }
}
