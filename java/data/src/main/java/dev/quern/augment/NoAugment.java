package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;

/** Leaves every sample as it is. */
public final class NoAugment implements AugmentPolicy {
    @Override
    public String name() {
        return "none";
    }

    @Override
    public int chain() {
        return 0;
    }

    @Override
    public void draw(long seed, int epoch, long sample, int row, AugmentBatch batch) {
        Rows.clear(this, row, batch);
    }
}
