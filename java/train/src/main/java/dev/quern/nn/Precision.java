package dev.quern.nn;

/** In which precision convolutions and matrix products run. */
public enum Precision {
    FP32,
    /** bfloat16 products with float32 sums; weights, losses and statistics stay float32. */
    BF16
}
