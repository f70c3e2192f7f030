package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.PixelStep;
import java.util.Arrays;

/**
 * Columns moved round the edge to the left or right, equally likely: what the similarity and diversity study calls shearX.
 *
 * @param share of the height that is the number of columns, cut to whole pixels, in [0, 1]
 * @param mode whether that number is fixed or the most of a uniform one
 * @param probability in [0, 1]
 */
public record CircularShift(double share, Mode mode, double probability) implements PixelStep {
    /** How far an op reaches. */
    public enum Mode {
        FIXED,
        VARIABLE
    }

    public CircularShift {
        Arguments.share("off", share);
        Arguments.share("p", probability);
    }

    @Override
    public void edit(Draws draws, int height, int width, byte[] image) {
        if (!draws.happens(probability, 0)) {
            return;
        }
        int most = (int) (share * height);
        int pixels = draws.sign(1) * (mode == Mode.FIXED ? most : draws.below(most + 1, 2));
        int shift = 3 * Math.floorMod(pixels, width);
        for (int y = 0; y < height; y++) {
            byte[] row = Arrays.copyOfRange(image, 3 * y * width, 3 * (y + 1) * width);
            System.arraycopy(row, 0, image, 3 * y * width + shift, row.length - shift);
            System.arraycopy(row, row.length - shift, image, 3 * y * width, shift);
        }
    }
}
