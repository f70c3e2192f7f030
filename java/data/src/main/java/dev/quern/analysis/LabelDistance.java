package dev.quern.analysis;

/** Distances between the feature distributions of two classes (Alvarez-Melis and Fusi 2020). */
public enum LabelDistance {
    /** Entropic optimal transport between the samples. */
    EXACT,
    /** Squared Bures–Wasserstein distance of Gaussians with full covariances. */
    BURES,
    /** Squared Bures–Wasserstein distance of Gaussians with diagonal covariances. */
    BURES_DIAGONAL,
    /** ‖μ − μ'‖² + tr Σ + tr Σ', which no coupling exceeds. */
    UPPER_BOUND,
    /** ‖μ − μ'‖, which is not squared. */
    MEANS
}
