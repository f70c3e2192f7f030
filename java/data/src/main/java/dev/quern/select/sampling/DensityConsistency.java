package dev.quern.select.sampling;

import dev.quern.select.GumbelTopK;
import dev.quern.select.Ratio;
import java.util.Arrays;

/**
 * Selection from the joint distribution of local density and image–text consistency: weight = map(density)·map(consistency), drawn without
 * replacement every epoch. "Density" is the mean distance to the nearest neighbours, so that samples in thin regions are preferred; consistency
 * keeps out wrong labels. Until the first density arrives all samples are equal. Not thread-safe.
 */
public final class DensityConsistency implements EpochSelection {
    private final int count;
    private final int[] labels;
    private final GumbelTopK sampler;
    private final ProbabilityMap map;
    private final double[] densityWeights;
    private final double[] consistencyWeights;
    private boolean informed;

    /**
     * @param labels [N], N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples per epoch, at least 1
     * @param map from scores to weights
     */
    public DensityConsistency(int[] labels, double ratio, ProbabilityMap map, GumbelTopK sampler) {
        this.count = Ratio.count(labels.length, ratio);
        this.labels = labels.clone();
        this.map = map;
        this.sampler = sampler;
        this.densityWeights = equal(labels.length);
        this.consistencyWeights = equal(labels.length);
    }

    @Override
    public String name() {
        return "joint";
    }

    /** Takes a new density [N]: mean distances to the nearest neighbours, finite. */
    public void density(float[] density) {
        replace(densityWeights, "density", density);
        informed = true;
    }

    /** Takes the consistency [N]: cosines of image and text, finite. */
    public void consistency(float[] consistency) {
        replace(consistencyWeights, "consistency", consistency);
    }

    /** The weights [N] in use; all 1 until the first density. */
    public double[] weights() {
        double[] weights = equal(labels.length);
        if (informed) {
            Arrays.setAll(weights, i -> densityWeights[i] * consistencyWeights[i]);
        }
        return weights;
    }

    @Override
    public int[] select(int epoch) {
        return sampler.choose(weights(), labels, count, epoch);
    }

    private void replace(double[] weights, String name, float[] scores) {
        if (scores.length != weights.length) {
            throw new IllegalArgumentException(name + " has " + scores.length + " entries, allowed: " + weights.length);
        }
        System.arraycopy(map.apply(name, scores), 0, weights, 0, weights.length);
    }

    private static double[] equal(int size) {
        double[] weights = new double[size];
        Arrays.fill(weights, 1);
        return weights;
    }
}
