package dev.quern.train.optimizer;

import java.util.Arrays;

/** How many steps each epoch of a run has. */
public final class Timeline {
    private final long[] ends;

    /** @param steps of each epoch, ≥ 0 each, ≥ 1 in all */
    public Timeline(int... steps) {
        ends = new long[steps.length];
        long end = 0;
        for (int epoch = 0; epoch < steps.length; epoch++) {
            end += steps[epoch];
            ends[epoch] = end;
        }
        if (end < 1) {
            throw new IllegalArgumentException("steps is " + end + ", allowed: ≥ 1");
        }
    }

    /** Epochs of {@code steps} steps each. */
    public static Timeline uniform(int epochs, int steps) {
        int[] each = new int[epochs];
        Arrays.fill(each, steps);
        return new Timeline(each);
    }

    public int epochs() {
        return ends.length;
    }

    /** Steps in all. */
    public long steps() {
        return ends[ends.length - 1];
    }

    /**
     * The step that stands where a run is which takes {@code steps} steps in an epoch instead of those planned.
     *
     * @param done of them, 0 … {@code steps} − 1
     */
    public long scheduled(int epoch, int done, int steps) {
        long start = epoch == 0 ? 0 : ends[epoch - 1];
        return start + done * (ends[epoch] - start) / steps;
    }

    /** The epoch of a step, both counted from 0; the last epoch for steps after the end. */
    public int epochOf(long step) {
        int found = Arrays.binarySearch(ends, step + 1);
        int epoch = found >= 0 ? found : -found - 1;
        while (epoch > 0 && epoch < ends.length && ends[epoch - 1] == ends[epoch]) {
            epoch--;
        }
        return Math.min(epoch, ends.length - 1);
    }
}
