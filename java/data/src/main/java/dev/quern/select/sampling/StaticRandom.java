package dev.quern.select.sampling;

import dev.quern.select.GumbelTopK;

/** One uniform subset for the whole training: that of {@link DynamicRandom} in epoch 0. */
public final class StaticRandom implements EpochSelection {
    private final int[] chosen;

    /**
     * @param samples N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples, at least 1
     */
    public StaticRandom(int samples, double ratio, long seed) {
        this(new int[samples], ratio, GumbelTopK.global(seed));
    }

    /**
     * @param labels [N] ≥ 0, N ≥ 1
     * @param sampler of equal weights
     */
    public StaticRandom(int[] labels, double ratio, GumbelTopK sampler) {
        chosen = new DynamicRandom(labels, ratio, sampler).select(0);
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public int[] select(int epoch) {
        return chosen.clone();
    }
}
