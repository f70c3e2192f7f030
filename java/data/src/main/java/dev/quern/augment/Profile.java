package dev.quern.augment;

/** Whose version of a method is used where the paper and the code that was released differ; never a mixture of both. */
public enum Profile {
    /** What the paper means, with torchvision's magnitudes. */
    PAPER,
    /** What released code does, bug for bug, with the settings of AdaAugment's comparison (Yang et al. 2025). */
    RELEASED
}
