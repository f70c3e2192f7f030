package dev.quern.adaptive.teach;

import dev.quern.random.Philox;
import org.bytedeco.pytorch.Tensor;

/**
 * The cutout of images that are tensors already: a square set to 0, the training mean, its centre uniform, clipped to the image (DeVries and
 * Taylor 2017).
 *
 * @param side in pixels, ≥ 0
 */
record StepCutout(int side, long seed) {
    /** Slots next to those of {@link TeachAugment}. */
    private static final int CENTRE_Y = 83;

    private static final int CENTRE_X = 84;

    /** Cuts out of each of the images [B,3,H,W], in place. */
    void apply(Tensor images, long step) {
        int height = (int) images.size(2);
        int width = (int) images.size(3);
        for (int i = 0; i < images.size(0); i++) {
            int top = Philox.uniformInt(height, seed, step, i, CENTRE_Y) - side / 2;
            int left = Philox.uniformInt(width, seed, step, i, CENTRE_X) - side / 2;
            within(within(images.select(0, i), 1, top, height), 2, left, width).zero_();
        }
    }

    private Tensor within(Tensor image, int dimension, int start, int length) {
        int first = Math.max(start, 0);
        return image.narrow(dimension, first, Math.min(start + side, length) - first);
    }
}
