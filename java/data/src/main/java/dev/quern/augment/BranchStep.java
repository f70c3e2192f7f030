package dev.quern.augment;

/** A step on bytes that mixes every image with chains of ops on it, its branches, which run in the fused native kernel. */
public non-sealed interface BranchStep extends Step {
    /** Branches of an image, ≥ 1. */
    int width();

    /** Most ops of a branch, 1 … 4. */
    int depth();

    /** The weights [1 + width] of an image itself and of its branches. */
    float[] weights(Draws draws);

    /**
     * Describes a branch of a sample in a row that so far leaves it as it is.
     *
     * @param branch 0 … width − 1
     * @param height rows of the image
     * @param width columns of the image
     */
    void draw(Draws draws, int branch, int height, int width, FusedRow row);
}
