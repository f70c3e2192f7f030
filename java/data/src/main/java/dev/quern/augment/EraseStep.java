package dev.quern.augment;

import dev.quern.kernels.EraseBoxes;

/** A step that sets rectangles of the normalised image to colours. */
@FunctionalInterface
public non-sealed interface EraseStep extends Step {
    /** Adds the rectangles of image {@code row}; colours are in normalised units, so 0 is the training mean. */
    void draw(Draws draws, int height, int width, int row, EraseBoxes boxes);
}
