package dev.quern.data;

/** Whose version of a method is used where the paper and the code that was released differ; never a mixture of both. */
public enum Profile {
    /** What the paper means; torchvision's magnitudes for augmentation policies. */
    PAPER,
    /** What released code does, bug for bug; for augmentation policies with the settings of AdaAugment's comparison (Yang et al. 2025). */
    RELEASED
}
