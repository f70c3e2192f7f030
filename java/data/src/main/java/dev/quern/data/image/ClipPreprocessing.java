package dev.quern.data.image;

import java.nio.FloatBuffer;

/**
 * Brings images of one size into CLIP's input as its released code does (Radford et al. 2021): the shorter side is resized to that of the input by
 * Pillow's bicubic filter, the middle is cut out, and pixels are normalised. Immutable and thread-safe.
 */
public final class ClipPreprocessing {
    private static final int VALUES = 256;
    private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
    private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};

    private final int side;
    private final int imageBytes;
    private final PillowResize resize;
    private final int width;
    private final int top;
    private final int left;
    private final float[][] normalized = new float[3][VALUES];

    /**
     * @param imageHeight of the images, ≥ 1
     * @param imageWidth of the images, ≥ 1
     * @param side of CLIP's square input, ≥ 1
     */
    public ClipPreprocessing(int imageHeight, int imageWidth, int side) {
        if (imageHeight < 1 || imageWidth < 1 || side < 1) {
            throw new IllegalArgumentException("the image is " + imageHeight + "×" + imageWidth + ", the input " + side
                    + "×" + side + ", allowed: ≥ 1 each");
        }
        this.side = side;
        int shorter = Math.min(imageHeight, imageWidth);
        int height = (int) ((double) side * imageHeight / shorter);
        width = (int) ((double) side * imageWidth / shorter);
        imageBytes = imageHeight * imageWidth * 3;
        resize = new PillowResize(imageHeight, imageWidth, height, width, PillowResize.Filter.BICUBIC);
        // Half a pixel goes to the even side, as in Python's round.
        top = (int) Math.rint((height - side) / 2.0);
        left = (int) Math.rint((width - side) / 2.0);
        for (int channel = 0; channel < 3; channel++) {
            for (int value = 0; value < VALUES; value++) {
                normalized[channel][value] = (value / 255f - MEAN[channel]) / DEVIATION[channel];
            }
        }
    }

    /**
     * Writes one image as [3,side,side] at the target's position and moves the position behind it.
     *
     * @param image uint8 [imageHeight,imageWidth,3]
     */
    public void apply(byte[] image, FloatBuffer target) {
        byte[] pixels = pixels(image);
        for (int channel = 0; channel < 3; channel++) {
            for (int at = channel; at < pixels.length; at += 3) {
                target.put(normalized[channel][pixels[at] & 0xFF]);
            }
        }
    }

    /** The resized and cut image, uint8 [side,side,3]. */
    byte[] pixels(byte[] image) {
        if (image.length != imageBytes) {
            throw new IllegalArgumentException("image has " + image.length + " bytes, allowed: " + imageBytes);
        }
        byte[] resized = resize.apply(image);
        byte[] middle = new byte[side * side * 3];
        for (int row = 0; row < side; row++) {
            System.arraycopy(resized, ((top + row) * width + left) * 3, middle, row * side * 3, side * 3);
        }
        return middle;
    }
}
