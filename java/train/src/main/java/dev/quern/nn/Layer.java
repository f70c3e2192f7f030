package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;

/** A part of a network: a function of its input and of the pass it runs in. */
@FunctionalInterface
public interface Layer {
    /** Rectifies in place; only after layers whose backward pass does not need their output. */
    Layer RELU = (x, pass) -> x.relu_();

    /** [B,C,H,W] → [B,C]. */
    Layer GLOBAL_AVERAGE = (x, pass) -> x.mean(2, 3);

    Tensor forward(Tensor x, Pass pass);
}
