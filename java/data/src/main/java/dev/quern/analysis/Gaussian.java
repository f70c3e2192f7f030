package dev.quern.analysis;

import java.util.Arrays;

/**
 * Mean and unbiased covariance of a class.
 *
 * @param mean [D]
 */
record Gaussian(double[] mean, SymmetricMatrix covariance) {
    static Gaussian of(Cloud cloud) {
        int d = cloud.dimension();
        double[] rows = cloud.toDoubles();
        double[] mean = new double[d];
        for (int i = 0; i < rows.length; i++) {
            mean[i % d] += rows[i] / cloud.size();
        }
        double scale = 1 / Math.sqrt(cloud.size() - 1.0);
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (rows[i] - mean[i % d]) * scale;
        }
        return new Gaussian(mean, SymmetricMatrix.ofRows(rows, cloud.size(), d));
    }

    /** Squared distance of the means. */
    double meansTo(Gaussian other) {
        double sum = 0;
        for (int k = 0; k < mean.length; k++) {
            sum += (mean[k] - other.mean[k]) * (mean[k] - other.mean[k]);
        }
        return sum;
    }

    double upperBoundTo(Gaussian other) {
        return meansTo(other) + covariance.trace() + other.covariance.trace();
    }

    /** Σ (√s − √s')² over the variances of the coordinates, and the means. */
    double diagonalBuresTo(Gaussian other) {
        double sum = meansTo(other);
        for (int k = 0; k < mean.length; k++) {
            int place = k * (mean.length + 1);
            double difference = Math.sqrt(covariance.values()[place])
                    - Math.sqrt(other.covariance.values()[place]);
            sum += difference * difference;
        }
        return sum;
    }

    /**
     * Bures and Wasserstein's ‖μ − μ'‖² + tr(Σ + Σ' − 2(Σ^½ Σ' Σ^½)^½).
     *
     * @param root of this covariance
     */
    double buresTo(Gaussian other, SymmetricMatrix root) {
        double cross = Arrays.stream(root.around(other.covariance).eigenvalues())
                .map(value -> Math.sqrt(Math.max(value, 0)))
                .sum();
        return Math.max(0, upperBoundTo(other) - 2 * cross);
    }
}
