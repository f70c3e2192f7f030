package dev.quern.select;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Moderate coreset, Moderate-DS (Xia et al. 2023): keeps the samples whose distance to the median of their class is in the middle of all
 * distances, whatever their class.
 */
public final class ModerateCoreset implements Selector {
    private final int[] byDistance;

    /**
     * @param features [N,dimension] finite, of the penultimate layer
     * @param labels [N] ≥ 0
     */
    public ModerateCoreset(float[] features, int dimension, int[] labels) {
        Checks.requireFeatures(features, dimension, labels);
        double[] distances = new double[labels.length];
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
        byDistance = IntStream.range(0, labels.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> distances[i]))
                .mapToInt(i -> i)
                .toArray();
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
        int count = Ratio.count(byDistance.length, ratio);
        int start = (byDistance.length - count) / 2;
        return Arrays.stream(byDistance, start, start + count).sorted().toArray();
    }
}
