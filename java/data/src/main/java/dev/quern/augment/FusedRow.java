package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;

/**
 * A row of an {@link AugmentBatch}, as one step of a pass sees it.
 *
 * @param first slot of the chain that the step's slot 0 stands for
 */
public record FusedRow(AugmentBatch batch, int row, int first) {
    /** Makes op {@code slot} of the step's ops {@code op} with its physical value. */
    public void op(int slot, AugmentOp op, double value) {
        batch.op(row, first + slot, op, value);
    }

    /** Crops from source row {@code y} and column {@code x}. */
    public void crop(int y, int x) {
        batch.crop(row, y, x);
    }

    /** Mirrors left-right. */
    public void mirror() {
        batch.flip(row, true);
    }
}
