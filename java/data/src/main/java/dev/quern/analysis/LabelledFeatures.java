package dev.quern.analysis;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Feature vectors [N,D] with the class of each, held in the precision in which they were given. Immutable. */
public final class LabelledFeatures {
    private final float[] narrow;
    private final double[] wide;
    private final int[] labels;
    private final int dimension;

    private LabelledFeatures(float[] narrow, double[] wide, int[] labels, int dimension) {
        this.narrow = narrow;
        this.wide = wide;
        this.labels = labels;
        this.dimension = dimension;
    }

    /**
     * Features in float32; the arrays are shared, not copied.
     *
     * @param name what messages call the features
     * @param values [N,D] finite
     * @param labels [N]
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public static LabelledFeatures of(String name, float[] values, int[] labels) {
        LabelledFeatures features =
                new LabelledFeatures(values, null, labels, dimension(name, values.length, labels.length));
        features.requireFinite(name);
        return features;
    }

    /** As {@link #of(String, float[], int[])}, in float64. */
    public static LabelledFeatures of(String name, double[] values, int[] labels) {
        LabelledFeatures features =
                new LabelledFeatures(null, values, labels, dimension(name, values.length, labels.length));
        features.requireFinite(name);
        return features;
    }

    private static int dimension(String name, int values, int rows) {
        if (rows == 0 || values == 0 || values % rows != 0) {
            throw new IllegalArgumentException(name + " has " + values + " values for " + rows
                    + " labels, allowed: one vector of ≥ 1 values each");
        }
        return values / rows;
    }

    private void requireFinite(String name) {
        for (int row = 0; row < size(); row++) {
            for (int column = 0; column < dimension; column++) {
                if (!Double.isFinite(at(row, column))) {
                    throw new IllegalArgumentException(
                            name + "[" + row + "," + column + "] is " + at(row, column) + ", allowed: finite");
                }
            }
        }
    }

    /** Number of vectors N. */
    public int size() {
        return labels.length;
    }

    /** Length of a vector D. */
    public int dimension() {
        return dimension;
    }

    public int label(int row) {
        return labels[row];
    }

    public double at(int row, int column) {
        int place = row * dimension + column;
        return narrow == null ? wide[place] : narrow[place];
    }

    /** Rows of every class, in ascending order. */
    public SortedMap<Integer, int[]> rowsByClass() {
        SortedMap<Integer, int[]> sizes = new TreeMap<>();
        for (int label : labels) {
            sizes.computeIfAbsent(label, absent -> new int[1])[0]++;
        }
        SortedMap<Integer, int[]> rows = new TreeMap<>();
        sizes.forEach((label, size) -> rows.put(label, new int[size[0]]));
        for (int row = labels.length - 1; row >= 0; row--) {
            rows.get(labels[row])[--sizes.get(labels[row])[0]] = row;
        }
        return rows;
    }

    /** Whether two sets hold the same number of vectors of the same length and the same classes in the same order. */
    public boolean isAlignedWith(LabelledFeatures other) {
        return dimension == other.dimension && Arrays.equals(labels, other.labels);
    }
}
