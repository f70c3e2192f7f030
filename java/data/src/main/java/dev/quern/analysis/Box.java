package dev.quern.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * A bounding box of points.
 *
 * @param low [D]
 * @param high [D]
 */
record Box(double[] low, double[] high) {
    static Box of(List<Cloud> clouds) {
        double[] low = new double[clouds.get(0).dimension()];
        double[] high = new double[low.length];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
        clouds.forEach(cloud -> cloud.widen(low, high));
        return new Box(low, high);
    }

    double diameter() {
        return diameter(0);
    }

    /** The diameter with one more coordinate, of the given extent. */
    double diameter(double extent) {
        double sum = extent * extent;
        for (int column = 0; column < low.length; column++) {
            sum += (high[column] - low[column]) * (high[column] - low[column]);
        }
        return Math.sqrt(sum);
    }
}
