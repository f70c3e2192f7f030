package dev.quern.kernels;

import java.util.ArrayList;
import java.util.List;

/** One row of an {@link AugmentBatch}, for comparison; in this package because a batch shows its rows to the kernels alone. */
public record AugmentRow(
        List<AugmentOp> ops, List<Double> values, int cropY, int cropX, int flip, int cutoutY, int cutoutX) {
    public static AugmentRow of(AugmentBatch batch, int row) {
        List<AugmentOp> ops = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int slot = 0; slot < batch.chain(); slot++) {
            int at = row * batch.chain() + slot;
            ops.add(AugmentOp.values()[batch.ops().bytes().getInt(at * Integer.BYTES)]);
            values.add(batch.values().bytes().getDouble(at * Double.BYTES));
        }
        int at = row * Integer.BYTES;
        return new AugmentRow(
                ops,
                values,
                batch.cropY().bytes().getInt(at),
                batch.cropX().bytes().getInt(at),
                batch.flip().bytes().get(row),
                batch.cutoutY().bytes().getInt(at),
                batch.cutoutX().bytes().getInt(at));
    }
}
