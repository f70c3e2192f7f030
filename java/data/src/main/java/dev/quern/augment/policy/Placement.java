package dev.quern.augment.policy;

import dev.quern.augment.AugmentPolicy;
import dev.quern.kernels.AugmentBatch;
import java.util.EnumSet;
import java.util.Set;

/**
 * After the ops of another policy: a crop of the image's size from the image padded on every side, and by choice a left-right flip by a fair
 * coin and the centre of a cutout square (DeVries and Taylor 2017), uniform over the image.
 */
public final class Placement implements AugmentPolicy {
    private static final int MOST_PADDING = 1024;

    private final AugmentPolicy inner;
    private final int height;
    private final int width;
    private final int padding;
    private final Set<Part> parts;
    private final View view;

    /** What may follow the crop. */
    public enum Part {
        FLIP,
        CUTOUT
    }

    /**
     * @param height of the images in pixels, ≥ 1
     * @param width of the images in pixels, ≥ 1
     * @param padding in pixels, 0 … 1024
     * @param view whose random numbers are used, 0 … 3
     */
    public Placement(AugmentPolicy inner, int height, int width, int padding, Set<Part> parts, int view) {
        if (padding < 0 || padding > MOST_PADDING) {
            throw new IllegalArgumentException("padding is " + padding + ", allowed: 0 … " + MOST_PADDING);
        }
        this.inner = inner;
        this.height = height;
        this.width = width;
        this.padding = padding;
        this.parts = parts.isEmpty() ? EnumSet.noneOf(Part.class) : EnumSet.copyOf(parts);
        this.view = new View(view);
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public int chain() {
        return inner.chain();
    }

    @Override
    public void draw(long seed, int epoch, long sample, int row, AugmentBatch batch) {
        inner.draw(seed, epoch, sample, row, batch);
        int offsets = 2 * padding + 1;
        int y = view.uniformInt(offsets, View.Draw.CROP_Y, seed, epoch, sample) - padding;
        int x = view.uniformInt(offsets, View.Draw.CROP_X, seed, epoch, sample) - padding;
        batch.crop(row, y, x);
        if (parts.contains(Part.FLIP)) {
            batch.flip(row, view.coin(View.Draw.FLIP, seed, epoch, sample));
        }
        if (parts.contains(Part.CUTOUT)) {
            batch.cutout(
                    row,
                    view.uniformInt(height, View.Draw.CUTOUT_Y, seed, epoch, sample),
                    view.uniformInt(width, View.Draw.CUTOUT_X, seed, epoch, sample));
        }
    }
}
