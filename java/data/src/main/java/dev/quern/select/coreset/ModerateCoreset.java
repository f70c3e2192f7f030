package dev.quern.select.coreset;

import dev.quern.select.Checks;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.Selector;
import dev.quern.select.Strata;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Moderate coreset, Moderate-DS (Xia et al. 2023): keeps the samples whose distance to the median of their class is in the middle of all
 * distances, whatever their class, unless a quota is asked for.
 */
public final class ModerateCoreset implements Selector {
    private final double[] distances;
    private final Strata strata;

    /** Counts over all classes together, as published. */
    public ModerateCoreset(float[] features, int dimension, int[] labels) {
        this(features, dimension, labels, Quota.GLOBAL);
    }

    /**
     * @param features [N,dimension] finite, of the penultimate layer
     * @param labels [N] ≥ 0
     * @param quota CLASS_BALANCED: the middle of each class's distances
     */
    public ModerateCoreset(float[] features, int dimension, int[] labels, Quota quota) {
        Checks.requireFeatures(features, dimension, labels);
        distances = new double[labels.length];
        strata = Strata.of(labels, quota);
        for (int[] members : Strata.byClass(labels)) {
            for (int d = 0; d < dimension; d++) {
                int column = d;
                double median = median(Arrays.stream(members)
                        .mapToDouble(member -> features[member * dimension + column])
                        .sorted()
                        .toArray());
                for (int member : members) {
                    double difference = features[member * dimension + d] - median;
                    distances[member] += difference * difference;
                }
            }
        }
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return 0;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    @Override
    public String name() {
        return "moderate";
    }

    @Override
    public int[] select(double ratio) {
        return strata.choose(Ratio.count(distances.length, ratio), this::middle);
    }

    private int[] middle(int[] members, int count) {
        return Arrays.stream(members)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> distances[i]))
                .skip((members.length - count) / 2)
                .limit(count)
                .mapToInt(i -> i)
                .toArray();
    }
}
