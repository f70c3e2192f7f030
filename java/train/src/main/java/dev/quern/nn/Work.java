package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;

/** What a pass computes, for those who count or check it. */
public interface Work {
    /** Nobody. */
    Work UNSEEN = new Work() {};

    /** Of a convolution, a linear layer or a matrix product, per image. */
    default void multiplyAdds(long count) {}

    /**
     * A convolution that is about to run.
     *
     * @param x [B,C,H,W] as LibTorch gets it
     * @param weight [D,C,K,K]
     */
    default void convolution(Tensor x, Tensor weight, long stride) {}
}
