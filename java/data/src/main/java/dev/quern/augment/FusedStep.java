package dev.quern.augment;

/** A step that runs in the fused native kernel: ops, a crop or a flip. */
public non-sealed interface FusedStep extends Step {
    /** What the kernel does in one pass, in this order. */
    enum Stage {
        OPS,
        CROP,
        FLIP
    }

    /** The latest stage this step uses. */
    Stage stage();

    /** Ops of this step per sample, 0 … 4. */
    default int chain() {
        return 0;
    }

    /** The earliest stage this step uses; a step that cannot follow those before it in one pass starts another. */
    default Stage earliest() {
        return chain() > 0 ? Stage.OPS : stage();
    }

    /**
     * Describes what happens to a sample in a row that so far leaves it as it is.
     *
     * @param height rows of the image
     * @param width columns of the image
     */
    void draw(Draws draws, int height, int width, FusedRow row);
}
