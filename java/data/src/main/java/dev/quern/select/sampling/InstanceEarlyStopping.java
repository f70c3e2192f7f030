package dev.quern.select.sampling;

import dev.quern.select.Checks;
import dev.quern.select.ScoreRanking;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Instance-dependent early stopping, IES (Yuan et al. 2025): leaves out the samples whose loss has settled, which is when the second difference
 * from epoch to epoch, |l − 2l' + l''|, is small on average over three epochs. Their losses are followed on, so that they may come back.
 */
public final class InstanceEarlyStopping implements LossSelection {
    private static final int AVERAGED = 3;
    /** Losses that make up so many second differences. */
    private static final int KEPT = AVERAGED + 2;

    private final double threshold;
    /** [N,KEPT], the newest first. */
    private final float[] losses;

    private final int[] observed;

    /**
     * @param samples N ≥ 1
     * @param threshold of the mean second difference, ≥ 0; 0: nothing is left out; the paper takes 1e-3 for CIFAR-10 and 2e-3 for CIFAR-100
     */
    public InstanceEarlyStopping(int samples, double threshold) {
        Checks.requireAtLeast("samples", samples, 1);
        if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("threshold is " + threshold + ", allowed: finite, ≥ 0");
        }
        this.threshold = threshold;
        this.losses = new float[Math.multiplyExact(samples, KEPT)];
        this.observed = new int[samples];
    }

    @Override
    public String name() {
        return "ies";
    }

    /** All but the settled; if all are, the one that moves most. */
    @Override
    public int[] select(int epoch) {
        int[] moving = IntStream.range(0, observed.length)
                .filter(i -> meanDifference(i) >= threshold)
                .toArray();
        if (moving.length > 0) {
            return moving;
        }
        double[] differences = new double[observed.length];
        Arrays.setAll(differences, this::meanDifference);
        return ScoreRanking.largest(
                differences, IntStream.range(0, observed.length).toArray(), 1);
    }

    /** Infinite until there are losses enough. */
    private double meanDifference(int sample) {
        if (observed[sample] < KEPT) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (int at = sample * KEPT; at < sample * KEPT + AVERAGED; at++) {
            sum += Math.abs(losses[at] - 2.0 * losses[at + 1] + losses[at + 2]);
        }
        return sum / AVERAGED;
    }

    @Override
    public void observe(int[] samples, float[] losses) {
        Checks.requireLosses(samples, losses, observed.length);
        for (int i = 0; i < samples.length; i++) {
            int first = samples[i] * KEPT;
            System.arraycopy(this.losses, first, this.losses, first + 1, KEPT - 1);
            this.losses[first] = losses[i];
            observed[samples[i]]++;
        }
    }

    /** Those with fewer losses than others. */
    @Override
    public int[] unobserved() {
        int most = Arrays.stream(observed).max().orElseThrow();
        return IntStream.range(0, observed.length)
                .filter(i -> observed[i] < most)
                .toArray();
    }

    @Override
    public int count(int epoch) {
        return observed.length;
    }

    /** Losses [N,5], the newest first, and how many were observed [N]. */
    @Override
    public double[] state() {
        double[] state = new double[losses.length + observed.length];
        Arrays.setAll(state, i -> i < losses.length ? losses[i] : observed[i - losses.length]);
        return state;
    }

    @Override
    public void restore(double[] state) {
        int expected = losses.length + observed.length;
        if (state.length != expected) {
            throw new IllegalArgumentException("state has " + state.length + " entries, allowed: " + expected);
        }
        Checks.requireFinite("state", state);
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) state[i];
        }
        for (int i = 0; i < observed.length; i++) {
            observed[i] = (int) state[losses.length + i];
        }
    }
}
