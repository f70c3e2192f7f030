package dev.quern.augment;

import dev.quern.data.Philox;
import dev.quern.data.Slot;
import dev.quern.kernels.AugmentBatch;

/**
 * After the ops of another policy: a crop of the image's size from the image padded on every side, its place uniform, then a left-right flip by a
 * fair coin.
 */
public final class CropFlip implements AugmentPolicy {
    /** Widest padding. */
    private static final int MOST_PADDING = 1024;

    private final AugmentPolicy inner;
    private final int padding;

    /** @param padding in pixels, 0 … 1024; 4 is usual for 32×32 */
    public CropFlip(AugmentPolicy inner, int padding) {
        if (padding < 0 || padding > MOST_PADDING) {
            throw new IllegalArgumentException("padding is " + padding + ", allowed: 0 … " + MOST_PADDING);
        }
        this.inner = inner;
        this.padding = padding;
    }

    @Override
    public String name() {
        return inner instanceof NoAugment ? "crop-flip" : inner.name() + "+crop-flip";
    }

    @Override
    public int chain() {
        return inner.chain();
    }

    @Override
    public void draw(long seed, int epoch, int sample, int row, AugmentBatch batch) {
        inner.draw(seed, epoch, sample, row, batch);
        int y = Philox.uniformInt(2 * padding + 1, seed, epoch, sample, Slot.CROP_Y) - padding;
        int x = Philox.uniformInt(2 * padding + 1, seed, epoch, sample, Slot.CROP_X) - padding;
        batch.crop(row, y, x).flip(row, Philox.coin(seed, epoch, sample, Slot.FLIP));
    }
}
