package dev.quern.analysis;

import org.bytedeco.openblas.global.openblas;

/**
 * A symmetric matrix in float64, multiplied and decomposed by BLAS and LAPACK.
 *
 * @param values [order,order]
 */
record SymmetricMatrix(int order, double[] values) {
    /**
     * Eigenvalues in descending order and, one row each, their unit eigenvectors.
     *
     * @param vectors [order,order]
     */
    record Eigen(double[] values, double[] vectors) {}

    /** The sum of the outer products of vectors, {@code rows} [n,order]. */
    static SymmetricMatrix ofRows(double[] rows, int n, int order) {
        double[] sum = new double[Math.multiplyExact(order, order)];
        openblas.cblas_dsyrk(
                openblas.CblasRowMajor,
                openblas.CblasUpper,
                openblas.CblasTrans,
                order,
                n,
                1,
                rows,
                order,
                0,
                sum,
                order);
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < i; j++) {
                sum[i * order + j] = sum[j * order + i];
            }
        }
        return new SymmetricMatrix(order, sum);
    }

    SymmetricMatrix plus(SymmetricMatrix other) {
        double[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.values[i];
        }
        return new SymmetricMatrix(order, sum);
    }

    double trace() {
        double sum = 0;
        for (int i = 0; i < order; i++) {
            sum += values[i * order + i];
        }
        return sum;
    }

    /** @throws ArithmeticException if LAPACK does not converge */
    Eigen eigen() {
        double[] ascending = new double[order];
        double[] vectors = decompose((byte) 'V', ascending);
        double[] descending = new double[order];
        double[] rows = new double[vectors.length];
        for (int i = 0; i < order; i++) {
            descending[i] = ascending[order - 1 - i];
            System.arraycopy(vectors, (order - 1 - i) * order, rows, i * order, order);
        }
        return new Eigen(descending, rows);
    }

    double[] eigenvalues() {
        double[] ascending = new double[order];
        decompose((byte) 'N', ascending);
        return ascending;
    }

    /** The root whose eigenvalues are the roots of this one's; those within rounding of 0 count as 0. */
    SymmetricMatrix root() {
        Eigen eigen = eigen();
        double floor = Math.max(eigen.values[0], 0) * order * Math.ulp(1.0);
        double[] rows = eigen.vectors;
        for (int i = 0; i < order; i++) {
            double scale = eigen.values[i] <= floor ? 0 : Math.pow(eigen.values[i], 0.25);
            for (int k = 0; k < order; k++) {
                rows[i * order + k] *= scale;
            }
        }
        return ofRows(rows, order, order);
    }

    /** this · other · this. */
    SymmetricMatrix around(SymmetricMatrix other) {
        return new SymmetricMatrix(order, product(product(values, other.values), values));
    }

    private double[] product(double[] left, double[] right) {
        double[] product = new double[left.length];
        openblas.cblas_dgemm(
                openblas.CblasRowMajor,
                openblas.CblasNoTrans,
                openblas.CblasNoTrans,
                order,
                order,
                order,
                1,
                left,
                order,
                right,
                order,
                0,
                product,
                order);
        return product;
    }

    /** By columns, so that vector i stands in row i. */
    private double[] decompose(byte job, double[] eigenvalues) {
        double[] vectors = values.clone();
        int status =
                openblas.LAPACKE_dsyevd(openblas.LAPACK_COL_MAJOR, job, (byte) 'L', order, vectors, order, eigenvalues);
        if (status != 0) {
            throw new ArithmeticException("eigenvalues of a matrix of order " + order + " did not converge");
        }
        return vectors;
    }
}
