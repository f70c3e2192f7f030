package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.PixelStep;

/**
 * Pillow's BLUR: the mean of the sixteen pixels on the edge of the 5×5 square around each; a border of two pixels stays as it is.
 *
 * @param probability in [0, 1]
 */
public record Blur(double probability) implements PixelStep {
    private static final int REACH = 2;
    private static final int PIXELS = 16;

    public Blur {
        Arguments.share("p", probability);
    }

    @Override
    public void edit(Draws draws, int height, int width, byte[] image) {
        if (!draws.happens(probability, 0)) {
            return;
        }
        byte[] source = image.clone();
        for (int y = REACH; y < height - REACH; y++) {
            for (int at = 3 * (y * width + REACH); at < 3 * (y * width + width - REACH); at++) {
                image[at] = (byte) ((edgeSum(source, at, 3 * width) + PIXELS / 2) / PIXELS);
            }
        }
    }

    private static int edgeSum(byte[] source, int at, int row) {
        int sum = 0;
        for (int y = -REACH; y <= REACH; y++) {
            int step = Math.abs(y) == REACH ? 1 : 2 * REACH;
            for (int x = -REACH; x <= REACH; x += step) {
                sum += source[at + y * row + 3 * x] & 0xFF;
            }
        }
        return sum;
    }
}
