package dev.quern.select;

import java.util.stream.IntStream;

/** The Cholesky factor L of a symmetric positive definite matrix A = L·Lᵀ, float64. */
public final class Cholesky {
    private final double[][] lower;

    /**
     * @param matrix [n,n], of which the lower triangle is read and overwritten
     * @throws IllegalArgumentException if it is not positive definite
     */
    public Cholesky(double[][] matrix) {
        lower = matrix;
        for (int column = 0; column < matrix.length; column++) {
            double[] pivot = matrix[column];
            double square = pivot[column];
            for (int k = 0; k < column; k++) {
                square -= pivot[k] * pivot[k];
            }
            if (!(square > 0)) {
                throw new IllegalArgumentException(
                        "matrix has the pivot " + square + " at " + column + ", allowed: above 0 (positive definite)");
            }
            pivot[column] = Math.sqrt(square);
            int done = column;
            IntStream.range(column + 1, matrix.length).parallel().forEach(row -> eliminate(matrix[row], pivot, done));
        }
    }

    private static void eliminate(double[] row, double[] pivot, int column) {
        double sum = row[column];
        for (int k = 0; k < column; k++) {
            sum -= row[k] * pivot[k];
        }
        row[column] = sum / pivot[column];
    }

    /** A⁻¹·b. */
    public double[] solve(double[] b) {
        double[] x = forward(b);
        for (int i = x.length - 1; i >= 0; i--) {
            x[i] /= lower[i][i];
            for (int k = 0; k < i; k++) {
                x[k] -= lower[i][k] * x[i];
            }
        }
        return x;
    }

    /** L⁻¹·b. */
    private double[] forward(double[] b) {
        double[] x = b.clone();
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= lower[i][k] * x[k];
            }
            x[i] /= lower[i][i];
        }
        return x;
    }

    /** The diagonal of A⁻¹ = L⁻ᵀ·L⁻¹: the square length of each column of L⁻¹. */
    public double[] inverseDiagonal() {
        return IntStream.range(0, lower.length)
                .parallel()
                .mapToDouble(column -> {
                    double[] x = new double[lower.length];
                    double squares = 0;
                    for (int i = column; i < x.length; i++) {
                        double sum = i == column ? 1 : 0;
                        for (int k = column; k < i; k++) {
                            sum -= lower[i][k] * x[k];
                        }
                        x[i] = sum / lower[i][i];
                        squares += x[i] * x[i];
                    }
                    return squares;
                })
                .toArray();
    }
}
