package dev.quern.select;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.util.Arrays;

/**
 * Weighted sampling without replacement: the m largest of log w + Gumbel(0, 1), which equals drawing one by one in proportion to the remaining
 * weights (Efraimidis and Spirakis 2006; Gumbel form: Vieira 2014). A sample's noise depends on (seed, epoch, sample) alone.
 *
 * @param draw whether chance takes part
 * @param quota over what the m samples are counted
 * @param seed of the noise
 */
public record GumbelTopK(Draw draw, Quota quota, long seed) {
    public enum Draw {
        GUMBEL,
        /** The m largest weights; of equal ones, the lower index. */
        TOP_K
    }

    public enum Quota {
        GLOBAL,
        /** Each class has its proportional share of m, rounded by largest remainder; of equal remainders, the lower class. */
        CLASS_BALANCED
    }

    /** Chance over the whole data set. */
    public static GumbelTopK global(long seed) {
        return new GumbelTopK(Draw.GUMBEL, Quota.GLOBAL, seed);
    }

    /**
     * Chooses {@code m} distinct indices, ascending.
     *
     * @param weights [N] finite, ≥ 0; those of weight 0 are never chosen by GUMBEL
     * @param labels [N] ≥ 0; read for CLASS_BALANCED only
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public int[] choose(double[] weights, int[] labels, int m, int epoch) {
        double[] keys = keys(weights, epoch);
        if (m < 0 || m > weights.length) {
            throw new IllegalArgumentException("m is " + m + ", allowed: 0 … " + weights.length);
        }
        if (quota == Quota.CLASS_BALANCED && labels.length != weights.length) {
            throw new IllegalArgumentException("labels has " + labels.length + " entries, weights " + weights.length);
        }
        return Strata.of(quota == Quota.GLOBAL ? new int[weights.length] : labels, quota)
                .choose(m, (members, count) -> largest(keys, members, count));
    }

    private double[] keys(double[] weights, int epoch) {
        double[] keys = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("weights[" + i + "] is " + weights[i] + ", allowed: finite, ≥ 0");
            }
            keys[i] = draw == Draw.TOP_K
                    ? weights[i]
                    : StrictMath.log(weights[i]) + Philox.gumbel(seed, epoch, i, Slot.SELECTION);
        }
        return keys;
    }

    /** Of {@code candidates} (ascending), the {@code m} with the largest keys, ascending. */
    private static int[] largest(double[] keys, int[] candidates, int m) {
        if (m == 0) {
            return new int[0];
        }
        double[] sorted = new double[candidates.length];
        Arrays.setAll(sorted, i -> keys[candidates[i]] + 0.0);
        Arrays.sort(sorted);
        double threshold = sorted[sorted.length - m];
        if (threshold == Double.NEGATIVE_INFINITY) {
            int positive = (int) Arrays.stream(sorted)
                    .filter(key -> key > Double.NEGATIVE_INFINITY)
                    .count();
            throw new IllegalArgumentException(
                    "m is " + m + ", allowed: at most " + positive + ", the number of weights above 0");
        }
        int above = sorted.length - 1;
        while (above >= 0 && sorted[above] > threshold) {
            above--;
        }
        int atThreshold = m - (sorted.length - 1 - above);
        int[] chosen = new int[m];
        int count = 0;
        for (int candidate : candidates) {
            if (keys[candidate] > threshold || keys[candidate] == threshold && atThreshold-- > 0) {
                chosen[count++] = candidate;
            }
        }
        return chosen;
    }
}
