package dev.quern.augment.step;

import dev.quern.kernels.EraseBoxes;
import java.util.Arrays;

/** A set of pixels to erase, taken apart into rectangles. */
final class Mask {
    /** Whether a pixel belongs to the set. */
    @FunctionalInterface
    interface Pixels {
        boolean erased(int y, int x);
    }

    private final boolean[] erased;
    private final int height;
    private final int width;

    private Mask(int height, int width) {
        this.height = height;
        this.width = width;
        erased = new boolean[height * width];
    }

    static Mask of(int height, int width, Pixels pixels) {
        Mask mask = new Mask(height, width);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                mask.erased[y * width + x] = pixels.erased(y, x);
            }
        }
        return mask;
    }

    boolean erased(int y, int x) {
        return erased[y * width + x];
    }

    int count() {
        int count = 0;
        for (boolean pixel : erased) {
            count += pixel ? 1 : 0;
        }
        return count;
    }

    /** Adds boxes that set exactly this set to 0: every run of a row, as far down as the rows below have the same run. */
    void addTo(EraseBoxes boxes, int row) {
        boolean[] left = erased.clone();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (left[y * width + x]) {
                    int end = x;
                    while (end < width && left[y * width + end]) {
                        end++;
                    }
                    int bottom = take(left, y, x, end);
                    boxes.add(row, y, x, bottom, end, 0, 0, 0);
                    x = end;
                }
            }
        }
    }

    private int take(boolean[] left, int y, int x, int end) {
        int bottom = y;
        while (bottom < height && covers(left, bottom, x, end)) {
            Arrays.fill(left, bottom * width + x, bottom * width + end, false);
            bottom++;
        }
        return bottom;
    }

    private boolean covers(boolean[] left, int y, int x, int end) {
        for (int i = x; i < end; i++) {
            if (!left[y * width + i]) {
                return false;
            }
        }
        return true;
    }
}
