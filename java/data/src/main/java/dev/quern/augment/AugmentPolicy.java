package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;

/** Decides what happens to each training sample. Immutable and thread-safe; a sample's fate depends on (seed, epoch, sample) alone. */
public interface AugmentPolicy {
    String name();

    /** Ops per sample, 0 … {@link AugmentBatch#MAX_CHAIN}; the batch must hold at least as many. */
    int chain();

    /**
     * Describes completely what happens to {@code sample}, which stands in {@code row} of {@code batch}: its ops, crop and flip. Whatever
     * the row held before is overwritten.
     *
     * @param sample its index in the lower 32 bits; in the upper ones, how often it was visited before in this epoch
     */
    void draw(long seed, int epoch, long sample, int row, AugmentBatch batch);
}
