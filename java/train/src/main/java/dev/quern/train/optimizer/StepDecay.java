package dev.quern.train.optimizer;

/**
 * A learning rate that falls in steps: {@code factor} times what it was after every {@code epochs} epochs.
 *
 * @param peak first learning rate, &gt; 0
 * @param factor above 0, at most 1
 * @param epochs between falls, ≥ 1
 */
public record StepDecay(double peak, double factor, int epochs, Timeline timeline) implements LearningRate {
    public StepDecay {
        if (!(peak > 0 && Double.isFinite(peak))) {
            throw new IllegalArgumentException("peak is " + peak + ", allowed: above 0");
        }
        if (!(factor > 0 && factor <= 1)) {
            throw new IllegalArgumentException("factor is " + factor + ", allowed: above 0, at most 1");
        }
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + ", allowed: ≥ 1");
        }
    }

    /** A tenth after each third of the epochs: the schedule of OLTR (Liu et al. 2019). */
    public static StepDecay thirds(double peak, Timeline timeline) {
        return new StepDecay(peak, 0.1, (timeline.epochs() + 2) / 3, timeline);
    }

    @Override
    public double at(long step) {
        return peak * StrictMath.pow(factor, timeline.epochOf(step) / epochs);
    }
}
