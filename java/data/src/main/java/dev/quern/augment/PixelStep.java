package dev.quern.augment;

/** A step on bytes that the native kernel has no op for; it runs in Java. */
@FunctionalInterface
public non-sealed interface PixelStep extends Step {
    /**
     * Changes an image in place.
     *
     * @param image uint8 [height,width,3]
     */
    void edit(Draws draws, int height, int width, byte[] image);
}
