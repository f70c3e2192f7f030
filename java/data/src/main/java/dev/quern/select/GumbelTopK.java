package dev.quern.select;

import dev.quern.data.Philox;
import dev.quern.data.Slot;
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
        if (quota == Quota.GLOBAL) {
            int[] all = new int[weights.length];
            Arrays.setAll(all, i -> i);
            return largest(keys, all, m);
        }
        if (labels.length != weights.length) {
            throw new IllegalArgumentException("labels has " + labels.length + " entries, weights " + weights.length);
        }
        int[][] members = members(labels);
        int[] quotas = quotas(members, labels.length, m);
        int[] chosen = new int[m];
        int count = 0;
        for (int label = 0; label < members.length; label++) {
            int[] part = largest(keys, members[label], quotas[label]);
            System.arraycopy(part, 0, chosen, count, part.length);
            count += part.length;
        }
        Arrays.sort(chosen);
        return chosen;
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

    private static int[][] members(int[] labels) {
        int classes = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new IllegalArgumentException("labels[" + i + "] is " + labels[i] + ", allowed: ≥ 0");
            }
            classes = Math.max(classes, labels[i] + 1);
        }
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int[][] members = new int[classes][];
        Arrays.setAll(members, label -> new int[counts[label]]);
        for (int i = labels.length - 1; i >= 0; i--) {
            members[labels[i]][--counts[labels[i]]] = i;
        }
        return members;
    }

    private static int[] quotas(int[][] members, int samples, int m) {
        int[] quotas = new int[members.length];
        Integer[] byRemainder = new Integer[members.length];
        long[] remainders = new long[members.length];
        int left = m;
        for (int label = 0; label < members.length; label++) {
            long share = (long) m * members[label].length;
            quotas[label] = (int) (share / samples);
            remainders[label] = share % samples;
            byRemainder[label] = label;
            left -= quotas[label];
        }
        Arrays.sort(byRemainder, (a, b) -> Long.compare(remainders[b], remainders[a]));
        for (int i = 0; i < left; i++) {
            quotas[byRemainder[i]]++;
        }
        return quotas;
    }
}
