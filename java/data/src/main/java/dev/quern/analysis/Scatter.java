package dev.quern.analysis;

import java.util.stream.Stream;

/**
 * The sum of uuᵀ over the directions u of samples from their mean; samples at the mean have none.
 *
 * @param samples that have a direction, which is the trace
 */
record Scatter(SymmetricMatrix matrix, int samples) {
    /** Rows that are turned into directions at a time. */
    private static final int CHUNK = 4096;

    /** Of several clouds as one. */
    static Scatter of(Cloud... clouds) {
        int d = clouds[0].dimension();
        double[] mean = mean(clouds, d);
        SymmetricMatrix sum = new SymmetricMatrix(d, new double[Math.multiplyExact(d, d)]);
        int samples = 0;
        for (Cloud cloud : clouds) {
            for (int first = 0; first < cloud.size(); first += CHUNK) {
                int count = Math.min(CHUNK, cloud.size() - first);
                double[] directions = new double[Math.multiplyExact(count, d)];
                int kept = 0;
                for (int point = first; point < first + count; point++) {
                    kept += direction(cloud, point, mean, directions, kept) ? 1 : 0;
                }
                sum = sum.plus(SymmetricMatrix.ofRows(directions, kept, d));
                samples += kept;
            }
        }
        return new Scatter(sum, samples);
    }

    private static double[] mean(Cloud[] clouds, int d) {
        double[] mean = new double[d];
        double share = 1.0 / Stream.of(clouds).mapToInt(Cloud::size).sum();
        for (Cloud cloud : clouds) {
            for (int point = 0; point < cloud.size(); point++) {
                for (int k = 0; k < d; k++) {
                    mean[k] += share * cloud.at(point, k);
                }
            }
        }
        return mean;
    }

    /** Writes the unit vector from the mean to a point into row {@code row}; false if there is none. */
    private static boolean direction(Cloud cloud, int point, double[] mean, double[] rows, int row) {
        int d = mean.length;
        double square = 0;
        for (int k = 0; k < d; k++) {
            double difference = cloud.at(point, k) - mean[k];
            rows[row * d + k] = difference;
            square += difference * difference;
        }
        // Rounding of the mean is no direction.
        double norm = Math.sqrt(square);
        if (norm <= 1e-10 * length(mean)) {
            return false;
        }
        for (int k = 0; k < d; k++) {
            rows[row * d + k] /= norm;
        }
        return true;
    }

    private static double length(double[] vector) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        return Math.sqrt(square);
    }
}
