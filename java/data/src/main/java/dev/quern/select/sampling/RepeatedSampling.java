package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Ratio;
import java.util.Arrays;

/**
 * Repeated sampling of random subsets without replacement, RS2 (Okanovic et al. 2024): epochs walk through a permutation in equal parts, then
 * through the next one. Where parts do not divide the set, a different rest is left out each time.
 */
public final class RepeatedSampling implements EpochSelection {
    private final int samples;
    private final int count;
    private final long seed;

    /**
     * @param samples N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples per epoch, at least 1
     */
    public RepeatedSampling(int samples, double ratio, long seed) {
        this.samples = samples;
        this.count = Ratio.count(samples, ratio);
        this.seed = seed;
    }

    @Override
    public String name() {
        return "rs2";
    }

    @Override
    public int[] select(int epoch) {
        int parts = samples / count;
        int[] walk = Philox.permutation(seed, epoch / parts, samples, Slot.SELECTION);
        int start = epoch % parts * count;
        return Arrays.stream(walk, start, start + count).sorted().toArray();
    }
}
