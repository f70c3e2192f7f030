package dev.quern.select.score;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import java.util.Arrays;

/**
 * Self-supervised prototypes (Sorscher et al. 2022): k-means over embeddings of unit length; samples that are less similar to their centre are
 * harder, and the hardest are kept. Knows no labels.
 */
public final class PrototypeDistance {
    private static final int MOST_ROUNDS = 100;

    private PrototypeDistance() {}

    /**
     * 1 − cosine of each embedding and its centre, float64 [N], 0 … 2; for {@link dev.quern.select.ScoreRanking}.
     *
     * @param embeddings [N,dimension] finite; a zero vector stays zero
     * @param centres 1 … N; the paper's released figures take one per class
     * @param seed of the first centres, by k-means++ (Arthur and Vassilvitskii 2007)
     */
    public static double[] scores(float[] embeddings, int dimension, int centres, long seed) {
        int samples = dimension < 1 ? 0 : embeddings.length / dimension;
        Checks.requireFeatures(embeddings, dimension, new int[samples]);
        if (centres < 1 || centres > samples) {
            throw new IllegalArgumentException("centres is " + centres + ", allowed: 1 … " + samples);
        }
        double[][] points = new double[samples][dimension];
        for (int i = 0; i < embeddings.length; i++) {
            points[i / dimension][i % dimension] = embeddings[i];
        }
        Arrays.stream(points).forEach(PrototypeDistance::normalize);
        double[][] means = first(points, centres, seed);
        int[] nearest = assign(points, means);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            move(points, nearest, means);
            int[] again = assign(points, means);
            if (Arrays.equals(again, nearest)) {
                break;
            }
            nearest = again;
        }
        Arrays.stream(means).forEach(PrototypeDistance::normalize);
        double[] scores = new double[samples];
        for (int i = 0; i < samples; i++) {
            scores[i] = 1 - dot(points[i], means[nearest[i]]);
        }
        return scores;
    }

    private static double[][] first(double[][] points, int centres, long seed) {
        double[][] chosen = new double[centres][];
        chosen[0] = points[Philox.uniformInt(points.length, seed, 0, 0, Slot.SELECTION)].clone();
        double[] gaps = new double[points.length];
        Arrays.fill(gaps, Double.POSITIVE_INFINITY);
        for (int centre = 1; centre < centres; centre++) {
            double total = 0;
            for (int i = 0; i < points.length; i++) {
                gaps[i] = Math.min(gaps[i], gap(points[i], chosen[centre - 1]));
                total += gaps[i];
            }
            double left = total * Philox.uniform(seed, 0, centre, Slot.SELECTION);
            int found = 0;
            while (found + 1 < points.length && left >= gaps[found]) {
                left -= gaps[found++];
            }
            chosen[centre] = points[found].clone();
        }
        return chosen;
    }

    private static int[] assign(double[][] points, double[][] means) {
        int[] nearest = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            double least = Double.POSITIVE_INFINITY;
            for (int centre = 0; centre < means.length; centre++) {
                double gap = gap(points[i], means[centre]);
                if (gap < least) {
                    least = gap;
                    nearest[i] = centre;
                }
            }
        }
        return nearest;
    }

    /** A centre without points stays. */
    private static void move(double[][] points, int[] nearest, double[][] means) {
        int[] counts = new int[means.length];
        double[][] sums = new double[means.length][means[0].length];
        for (int i = 0; i < points.length; i++) {
            counts[nearest[i]]++;
            for (int d = 0; d < sums[0].length; d++) {
                sums[nearest[i]][d] += points[i][d];
            }
        }
        for (int centre = 0; centre < means.length; centre++) {
            for (int d = 0; d < sums[0].length && counts[centre] > 0; d++) {
                means[centre][d] = sums[centre][d] / counts[centre];
            }
        }
    }

    private static void normalize(double[] vector) {
        double norm = Math.sqrt(dot(vector, vector));
        for (int d = 0; d < vector.length && norm > 0; d++) {
            vector[d] /= norm;
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }

    private static double gap(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        }
        return sum;
    }
}
