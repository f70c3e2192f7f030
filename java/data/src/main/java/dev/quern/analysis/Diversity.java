package dev.quern.analysis;

import dev.quern.analysis.SymmetricMatrix.Eigen;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much an augmentation widens the classes of a data set: how far the principal directions of the originals are from those of originals and
 * augmented samples together, scaled by their eigenvalues, per class and share of the variance (Yang et al. 2024). Every sample counts by its
 * direction from the mean alone. Eigenvectors are turned so that they do not point away from each other.
 *
 * @param released [{@value #THRESHOLDS}] mean over the classes for shares 0.1 … 0.9 of the variance; doubling a set counts, so that the
 *     identity has about τ·n
 * @param normalized [{@value #THRESHOLDS}] of scatters divided by their number of samples: 0 for the identity
 * @param stable whether all eigenvalues kept are further than 1e-3 from the next, relative to themselves; else directions may be swapped
 * @param classes released values [{@value #THRESHOLDS}] by label
 */
public record Diversity(double[] released, double[] normalized, boolean stable, SortedMap<Integer, double[]> classes) {
    public static final int THRESHOLDS = 9;
    private static final double SMALLEST_GAP = 1e-3;
    /** The guard of the released code's distance. */
    private static final double GUARD = 1e-6;

    /** The headline: {@link #normalized} at nine tenths of the variance. */
    public double value() {
        return normalized[THRESHOLDS - 1];
    }

    /**
     * Compares two sets class by class; only classes of at least two rows in both take part.
     *
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public static Diversity of(LabelledFeatures originals, LabelledFeatures augmented) {
        if (originals.dimension() != augmented.dimension()) {
            throw new IllegalArgumentException("augmented has vectors of " + augmented.dimension() + ", allowed: "
                    + originals.dimension() + ", as in originals");
        }
        SortedMap<Integer, int[]> rows = originals.rowsByClass();
        SortedMap<Integer, int[]> others = augmented.rowsByClass();
        rows.keySet().removeIf(label -> rows.get(label).length < 2 || !others.containsKey(label));
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(
                    "originals has no class of 2 or more rows that augmented has too, allowed: at least one");
        }
        double[] released = new double[THRESHOLDS];
        double[] normalized = new double[THRESHOLDS];
        boolean stable = true;
        SortedMap<Integer, double[]> classes = new TreeMap<>();
        for (int label : rows.keySet()) {
            ClassDiversity one = ClassDiversity.of(
                    label, new Cloud(originals, rows.get(label)), new Cloud(augmented, others.get(label)));
            stable &= one.stable;
            classes.put(label, one.released);
            for (int t = 0; t < THRESHOLDS; t++) {
                released[t] += one.released[t] / rows.size();
                normalized[t] += one.normalized[t] / rows.size();
            }
        }
        return new Diversity(released, normalized, stable, classes);
    }

    /** Of one class. */
    private record ClassDiversity(double[] released, double[] normalized, boolean stable) {
        static ClassDiversity of(int label, Cloud originals, Cloud augmented) {
            Scatter before = Scatter.of(originals);
            Scatter after = Scatter.of(originals, augmented);
            if (before.samples() == 0 || after.samples() == 0) {
                throw new IllegalArgumentException(
                        "class " + label + " has nothing but equal vectors, allowed: at least two that differ");
            }
            Eigen a = before.matrix().eigen();
            Eigen b = after.matrix().eigen();
            int[] kept = kept(a.values(), b.values());
            int most = kept[THRESHOLDS - 1];
            double[] plain = distances(a, b, 1, 1, most);
            double[] scaled = distances(a, b, 1.0 / before.samples(), 1.0 / after.samples(), most);
            return new ClassDiversity(
                    at(kept, plain), at(kept, scaled), separated(a.values(), most) && separated(b.values(), most));
        }

        /** For every share, how many eigenvalues make it up in one of the spectra. */
        private static int[] kept(double[] first, double[] second) {
            double firstTotal = sum(first, first.length);
            double secondTotal = sum(second, second.length);
            int[] kept = new int[THRESHOLDS];
            int k = 1;
            for (int t = 0; t < THRESHOLDS; t++) {
                double share = (t + 1) / 10.0;
                while (k < first.length && sum(first, k) / firstTotal < share && sum(second, k) / secondTotal < share) {
                    k++;
                }
                kept[t] = k;
            }
            return kept;
        }

        private static double sum(double[] values, int count) {
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += values[i];
            }
            return sum;
        }

        /** [most] distances between the scaled eigenvectors of equal rank, summed up to each rank. */
        private static double[] distances(Eigen a, Eigen b, double aScale, double bScale, int most) {
            int d = a.values().length;
            double[] sums = new double[most];
            double sum = 0;
            for (int i = 0; i < most; i++) {
                double cosine = 0;
                for (int k = 0; k < d; k++) {
                    cosine += a.vectors()[i * d + k] * b.vectors()[i * d + k];
                }
                double first = a.values()[i] * aScale;
                double second = b.values()[i] * bScale * (cosine < 0 ? -1 : 1);
                double square = 0;
                for (int k = 0; k < d; k++) {
                    double difference = first * a.vectors()[i * d + k] - second * b.vectors()[i * d + k] + GUARD;
                    square += difference * difference;
                }
                sum += Math.sqrt(square);
                sums[i] = sum;
            }
            return sums;
        }

        private static double[] at(int[] kept, double[] sums) {
            double[] values = new double[THRESHOLDS];
            for (int t = 0; t < THRESHOLDS; t++) {
                values[t] = sums[kept[t] - 1];
            }
            return values;
        }

        private static boolean separated(double[] values, int most) {
            for (int i = 0; i < Math.min(most, values.length - 1); i++) {
                if (values[i] - values[i + 1] < SMALLEST_GAP * values[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
