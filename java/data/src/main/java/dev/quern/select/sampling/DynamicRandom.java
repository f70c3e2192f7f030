package dev.quern.select.sampling;

import dev.quern.select.GumbelTopK;
import dev.quern.select.Ratio;
import java.util.Arrays;

/** A fresh uniform subset every epoch ("Random*"). Chooses what {@link DensityConsistency} with equal weights and the same seed chooses. */
public final class DynamicRandom implements EpochSelection {
    private final int count;
    private final double[] equal;
    private final int[] labels;
    private final GumbelTopK sampler;

    /**
     * @param samples N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples per epoch, at least 1
     */
    public DynamicRandom(int samples, double ratio, long seed) {
        this(new int[samples], ratio, GumbelTopK.global(seed));
    }

    /**
     * @param labels [N] ≥ 0, N ≥ 1
     * @param sampler of equal weights
     */
    public DynamicRandom(int[] labels, double ratio, GumbelTopK sampler) {
        count = Ratio.count(labels.length, ratio);
        equal = new double[labels.length];
        Arrays.fill(equal, 1);
        this.labels = labels.clone();
        this.sampler = sampler;
    }

    @Override
    public String name() {
        return "random-dynamic";
    }

    @Override
    public int[] select(int epoch) {
        return sampler.choose(equal, labels, count, epoch);
    }
}
