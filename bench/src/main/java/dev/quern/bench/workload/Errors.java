package dev.quern.bench.workload;

/** Errors that a NaN cannot hide from. */
final class Errors {
    private Errors() {}

    /** The larger of two errors; infinite where one is no number. */
    static double worse(double one, double other) {
        return Double.isNaN(one) || Double.isNaN(other) ? Double.POSITIVE_INFINITY : Math.max(one, other);
    }
}
