package dev.quern.nn;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Rows divided by their Euclidean length. */
public final class UnitRows {
    private static final double LEAST = 1e-12;

    private UnitRows() {}

    /** float32 [B,D] → [B,D]; a row of zeros stays. */
    public static Tensor of(Tensor rows) {
        Tensor lengths =
                torch.linalg_vector_norm(rows, new Scalar(2.0), new long[] {1}, true, new ScalarTypeOptional());
        return rows.div(lengths.clamp_min(new Scalar(LEAST)));
    }
}
