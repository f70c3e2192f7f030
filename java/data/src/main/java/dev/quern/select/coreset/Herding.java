package dev.quern.select.coreset;

import dev.quern.select.Checks;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.Selector;
import dev.quern.select.Strata;

/**
 * Herding (Welling 2009): adds, one by one, the sample that brings the mean of the chosen closest to the mean of all, over the whole set or within
 * each class. Takes O(m·N·D) for m of N samples.
 */
public final class Herding implements Selector {
    /** Which sample comes next. */
    public enum Rule {
        /** That of the smallest distance, as published. */
        NEAREST,
        /** That of the largest distance, as DeepCore's released code: it collects outliers. */
        FARTHEST
    }

    private final float[] features;
    private final int dimension;
    private final Strata strata;
    private final Rule rule;
    private final int samples;

    /**
     * @param features [N,dimension] finite, of the penultimate layer; shared, not copied
     * @param labels [N] ≥ 0
     */
    public Herding(float[] features, int dimension, int[] labels, Quota quota, Rule rule) {
        Checks.requireFeatures(features, dimension, labels);
        this.features = features;
        this.dimension = dimension;
        this.strata = Strata.of(labels, quota);
        this.rule = rule;
        this.samples = labels.length;
    }

    @Override
    public String name() {
        return "herding";
    }

    @Override
    public int[] select(double ratio) {
        return strata.choose(Ratio.count(samples, ratio), this::greedy);
    }

    private int[] greedy(int[] members, int count) {
        double[] mean = mean(members);
        double[] wanted = mean.clone();
        int[] left = members.clone();
        int[] chosen = new int[count];
        for (int step = 0; step < count; step++) {
            int best = 0;
            double bestDistance = distance(left[0], wanted);
            for (int i = 1; i < left.length - step; i++) {
                double distance = distance(left[i], wanted);
                boolean better = rule == Rule.NEAREST ? distance < bestDistance : distance > bestDistance;
                if (better || (distance == bestDistance && left[i] < left[best])) {
                    best = i;
                    bestDistance = distance;
                }
            }
            chosen[step] = left[best];
            left[best] = left[left.length - step - 1];
            for (int d = 0; d < dimension; d++) {
                wanted[d] += mean[d] - features[chosen[step] * dimension + d];
            }
        }
        return chosen;
    }

    private double[] mean(int[] members) {
        double[] mean = new double[dimension];
        for (int member : members) {
            for (int d = 0; d < dimension; d++) {
                mean[d] += features[member * dimension + d];
            }
        }
        for (int d = 0; d < dimension; d++) {
            mean[d] /= members.length;
        }
        return mean;
    }

    private double distance(int sample, double[] wanted) {
        double sum = 0;
        for (int d = 0; d < dimension; d++) {
            double difference = wanted[d] - features[sample * dimension + d];
            sum += difference * difference;
        }
        return sum;
    }
}
