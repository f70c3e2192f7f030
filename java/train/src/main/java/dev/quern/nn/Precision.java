package dev.quern.nn;

import dev.quern.kernels.DType;

/** In which precision convolutions and matrix products run. */
public enum Precision {
    FP32(DType.FLOAT32),
    /** bfloat16 products with float32 sums; weights, losses and statistics stay float32. */
    BF16(DType.BFLOAT16),
    /** The same in float16, in which small gradients vanish unless the loss is scaled. */
    FP16(DType.FLOAT16);

    private final DType input;

    Precision(DType input) {
        this.input = input;
    }

    /** Element type of the images that a network is given. */
    public DType input() {
        return input;
    }
}
