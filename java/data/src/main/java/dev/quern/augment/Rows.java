package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;

/** Rows of an {@link AugmentBatch} that policies fill. */
public final class Rows {
    private Rows() {}

    /** Makes a row leave its sample as it is. */
    public static void clear(AugmentPolicy policy, int row, AugmentBatch batch) {
        if (batch.chain() < policy.chain()) {
            throw new IllegalArgumentException("batch holds chains of " + batch.chain() + " ops, policy "
                    + policy.name() + " needs " + policy.chain());
        }
        for (int slot = 0; slot < batch.chain(); slot++) {
            batch.op(row, slot, AugmentOp.IDENTITY, 0);
        }
        batch.crop(row, 0, 0).flip(row, false).withoutCutout(row);
    }
}
