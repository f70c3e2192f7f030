package dev.quern.augment;

/** A step that mixes every image of a batch with a partner from the same batch, and says how to mix their losses. */
@FunctionalInterface
public non-sealed interface MixStep extends Step {
    /**
     * Draws for a whole batch.
     *
     * @param draws keyed by the batch's first sample
     * @param size images of the batch, ≥ 1
     */
    Mixing draw(Draws draws, int size, int height, int width);
}
