package dev.quern.augment.policy;

import dev.quern.random.Philox;
import dev.quern.random.Slot;

/**
 * Which of a sample's views is drawn: every view has random numbers of its own, and views drawn alike share them.
 *
 * @param index 0 … 3
 */
record View(int index) {
    private static final int VIEWS = 4;
    private static final int SLOTS = 8;

    /** The kinds of draws of a view. */
    enum Draw {
        OP,
        LEVEL,
        SIGN,
        CROP_Y,
        CROP_X,
        FLIP,
        CUTOUT_Y,
        CUTOUT_X
    }

    View {
        if (index < 0 || index >= VIEWS) {
            throw new IllegalArgumentException("view is " + index + ", allowed: 0 … " + (VIEWS - 1));
        }
    }

    int uniformInt(int bound, Draw draw, long seed, int epoch, long sample) {
        return Philox.uniformInt(bound, seed, epoch, sample, slot(draw));
    }

    boolean coin(Draw draw, long seed, int epoch, long sample) {
        return Philox.coin(seed, epoch, sample, slot(draw));
    }

    private int slot(Draw draw) {
        return Slot.VIEWS + SLOTS * index + draw.ordinal();
    }
}
