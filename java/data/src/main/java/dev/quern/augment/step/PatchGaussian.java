package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.NoiseStep;

/**
 * Gaussian noise in a square patch, its centre uniform, clipped to the image and to [0, 1] (Lopes et al. 2019).
 *
 * @param size side of the patch in pixels, 1 … 16384
 * @param mostDeviation largest standard deviation, which is uniform in [0, mostDeviation), in [0, 1]
 */
public record PatchGaussian(int size, double mostDeviation) implements NoiseStep {
    private static final int FIRST_NOISE = 8;
    /** Slots of one step hold two per normal value. */
    private static final int MOST_VALUES = (Draws.SLOTS - FIRST_NOISE) / 2;

    public PatchGaussian {
        Arguments.inside("size", size, 1, 16_384);
        Arguments.share("maxscale", mostDeviation);
    }

    @Override
    public void add(Draws draws, int height, int width, Values values) {
        double deviation = mostDeviation * draws.uniform(0);
        int top = draws.below(height, 1) - size / 2;
        int left = draws.below(width, 2) - size / 2;
        for (int y = Math.max(0, top); y < Math.min(height, top + size); y++) {
            for (int x = Math.max(0, left); x < Math.min(width, left + size); x++) {
                for (int channel = 0; channel < 3; channel++) {
                    double noisy =
                            values.get(y, x, channel) + deviation * noise(draws, ((long) y * width + x) * 3 + channel);
                    values.set(y, x, channel, (float) Math.max(0, Math.min(1, noisy)));
                }
            }
        }
    }

    /** Images with more values than slots go on under another key. */
    private static double noise(Draws draws, long value) {
        long page = value / MOST_VALUES;
        int slot = FIRST_NOISE + 2 * (int) (value % MOST_VALUES);
        return new Draws(draws.seed() + page * 0x9E3779B97F4A7C15L, draws.epoch(), draws.sample(), draws.first())
                .normal(slot);
    }
}
