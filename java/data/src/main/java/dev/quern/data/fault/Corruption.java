package dev.quern.data.fault;

import dev.quern.data.ImageDataset;

/**
 * Corrupted images: a random share, each by one of five {@linkplain CorruptionKind kinds} in equal parts (Xia et al. 2023); labels stay. A
 * function of seed and sample alone, so that an image is the same whenever it is read.
 *
 * @param share of all samples, in [0, 1]; a fifth of it is hit by each kind
 */
public record Corruption(Mode mode, double share) {
    public static final Corruption NONE = new Corruption(Mode.CLEAN, 0);

    /** How values go back to 8 bits. */
    public enum Mode {
        /** Clipped to 0 … 1, scaled and rounded. */
        CLEAN,
        /** As Moderate-DS's released code: fog is not scaled, so black; noise is clipped at −1, and what is below 0 wraps around. */
        LEGACY
    }

    public Corruption {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("corruption is " + share + ", allowed: 0 … 1");
        }
    }

    /** The data with round(share·N) corrupted images, which are known in addition to those already known. */
    public ImageDataset of(ImageDataset data, long seed) {
        return share == 0 ? data : new CorruptedDataset(data, this, seed);
    }
}
