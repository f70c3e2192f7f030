package dev.quern.select;

import java.util.Arrays;

/** Linear equations by Gauss–Jordan elimination with pivots, float64: the plainest way, for references. */
public final class DenseSolver {
    private DenseSolver() {}

    /** A⁻¹·b. */
    public static double[] solve(double[][] matrix, double[] b) {
        int n = b.length;
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = Arrays.copyOf(matrix[i], n + 1);
            rows[i][n] = b[i];
        }
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int i = column; i < n; i++) {
                pivot = Math.abs(rows[i][column]) > Math.abs(rows[pivot][column]) ? i : pivot;
            }
            double[] swapped = rows[pivot];
            rows[pivot] = rows[column];
            rows[column] = swapped;
            for (int i = 0; i < n; i++) {
                double factor = i == column ? 0 : rows[i][column] / rows[column][column];
                for (int k = column; k <= n && factor != 0; k++) {
                    rows[i][k] -= factor * rows[column][k];
                }
            }
        }
        double[] x = new double[n];
        Arrays.setAll(x, i -> rows[i][n] / rows[i][i]);
        return x;
    }

    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
