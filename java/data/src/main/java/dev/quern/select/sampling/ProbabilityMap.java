package dev.quern.select.sampling;

import java.util.Arrays;

/**
 * Turns scores into selection weights in [floor, 1]; larger scores give larger weights.
 *
 * @param scale how
 * @param lowPercentile scores below this percentile count as it (MIN_MAX), 0 … 100
 * @param highPercentile scores above this percentile count as it, above {@code lowPercentile}
 * @param floor least weight, in (0, 1]
 */
public record ProbabilityMap(Scale scale, double lowPercentile, double highPercentile, double floor) {
    /** Clipped to the 1st … 99th percentile, since one outlier would flatten all others; min–max; at least 1e-3. */
    public static final ProbabilityMap MIN_MAX = new ProbabilityMap(Scale.MIN_MAX, 1, 99, 1e-3);

    public static final ProbabilityMap RANK = new ProbabilityMap(Scale.RANK, 0, 100, 1e-3);

    public enum Scale {
        /** Linear from the smallest clipped score to the largest. */
        MIN_MAX,
        /** Place among the sorted scores, 1/N … 1; equal scores share the mean of their places. */
        RANK
    }

    public ProbabilityMap {
        if (!(lowPercentile >= 0 && lowPercentile < highPercentile && highPercentile <= 100)) {
            throw new IllegalArgumentException(
                    "percentiles are " + lowPercentile + " and " + highPercentile + ", allowed: 0 ≤ low < high ≤ 100");
        }
        if (!(floor > 0 && floor <= 1)) {
            throw new IllegalArgumentException("floor is " + floor + ", allowed: above 0, at most 1");
        }
    }

    /**
     * Weights [N] of scores [N]; all 1 where the scores are equal.
     *
     * @param name of the scores, for messages
     * @throws IllegalArgumentException naming the first score that is NaN or infinite
     */
    public double[] apply(String name, float[] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (!Float.isFinite(scores[i])) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + scores[i] + ", allowed: finite numbers");
            }
        }
        float[] sorted = scores.clone();
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] += 0f; // −0 sorts before 0, though they are equal
        }
        Arrays.sort(sorted);
        if (scores.length == 0 || sorted[0] == sorted[sorted.length - 1]) {
            double[] equal = new double[scores.length];
            Arrays.fill(equal, 1);
            return equal;
        }
        return scale == Scale.MIN_MAX ? minMax(scores, sorted) : ranks(scores, sorted);
    }

    private double[] minMax(float[] scores, float[] sorted) {
        double low = percentile(sorted, lowPercentile);
        double high = percentile(sorted, highPercentile);
        if (low == high) {
            low = sorted[0];
            high = sorted[sorted.length - 1];
        }
        double[] weights = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            double clipped = Math.min(high, Math.max(low, scores[i]));
            weights[i] = Math.max(floor, (clipped - low) / (high - low));
        }
        return weights;
    }

    private double[] ranks(float[] scores, float[] sorted) {
        double[] weights = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            double place = (below(sorted, scores[i]) + 1.0 + notAbove(sorted, scores[i])) / 2;
            weights[i] = Math.max(floor, place / scores.length);
        }
        return weights;
    }

    /** Linear between the two nearest scores, as NumPy's default. */
    private static double percentile(float[] sorted, double percent) {
        double place = percent / 100 * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * ((double) sorted[above] - sorted[below]);
    }

    private static int below(float[] sorted, float score) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (sorted[middle] < score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int notAbove(float[] sorted, float score) {
        return score == Float.MAX_VALUE ? sorted.length : below(sorted, Math.nextUp(score));
    }
}
