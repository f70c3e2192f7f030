package dev.quern.data.image;

import dev.quern.io.Limits;

/**
 * How image files of many sizes are brought to one shape.
 *
 * @param side of the square images in pixels; 0: the size of the first image
 * @param fit of images whose sides have another proportion
 */
public record Framing(int side, Fit fit) {
    /** Which part of an image is resized. */
    public enum Fit {
        /** All of it; its proportions change. */
        STRETCH,
        /** The largest part around its centre that has the wanted proportions. */
        CROP
    }

    /** Stretched to the size of the first image. */
    public static final Framing AS_FIRST = new Framing(0, Fit.STRETCH);

    public Framing {
        if (side < 0 || side > Limits.IMAGE_SIDE) {
            throw new IllegalArgumentException("image size is " + side + ", allowed: 0 … " + Limits.IMAGE_SIDE);
        }
    }
}
