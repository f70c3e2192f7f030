package dev.quern.analysis;

/** In which precision optimal transport is solved. */
public enum Arithmetic {
    /** By the native kernels: fast, values within 1e-5 of float64. */
    FLOAT32,
    /** In Java, for references: slow. */
    FLOAT64
}
