package dev.quern.augment.step;

import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;

/**
 * A crop of the image's size from the image padded on every side, its place uniform.
 *
 * @param padding in pixels, 0 … 1024; 4 is usual for 32×32
 */
public record Crop(int padding) implements FusedStep {
    /** Widest padding. */
    private static final int MOST_PADDING = 1024;

    public Crop {
        if (padding < 0 || padding > MOST_PADDING) {
            throw new IllegalArgumentException("padding is " + padding + ", allowed: 0 … " + MOST_PADDING);
        }
    }

    @Override
    public Stage stage() {
        return Stage.CROP;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        row.crop(draws.below(2 * padding + 1, 0) - padding, draws.below(2 * padding + 1, 1) - padding);
    }
}
