package dev.quern.select;

import java.util.Arrays;

/** A fresh uniform subset every epoch ("Random*"). Chooses what {@link DensityConsistency} with equal weights and the same seed chooses. */
public final class DynamicRandom implements EpochSelection {
    private final int count;
    private final double[] equal;
    private final GumbelTopK sampler;

    /**
     * @param samples N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples per epoch, at least 1
     */
    public DynamicRandom(int samples, double ratio, long seed) {
        count = Ratio.count(samples, ratio);
        equal = new double[samples];
        Arrays.fill(equal, 1);
        sampler = GumbelTopK.global(seed);
    }

    @Override
    public String name() {
        return "random-dynamic";
    }

    @Override
    public int[] select(int epoch) {
        return sampler.choose(equal, new int[0], count, epoch);
    }
}
