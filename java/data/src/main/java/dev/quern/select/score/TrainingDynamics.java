package dev.quern.select.score;

import dev.quern.select.Checks;

/**
 * What a network predicted for every sample while it was trained: a row of class probabilities per sample and epoch (or independent run).
 * Immutable; the arrays are shared, not copied.
 */
public final class TrainingDynamics {
    private final int[] labels;
    private final int classes;
    private final float[][] probabilities;

    /**
     * @param labels [N], 0 … classes − 1
     * @param classes C ≥ 2
     * @param probabilities [T] of [N,C], each in [0, 1]
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public TrainingDynamics(int[] labels, int classes, float[][] probabilities) {
        if (labels.length == 0 || classes < 2 || probabilities.length == 0) {
            throw new IllegalArgumentException("labels, classes and epochs are " + labels.length + ", " + classes
                    + " and " + probabilities.length + ", allowed: ≥ 1, ≥ 2 and ≥ 1");
        }
        for (int epoch = 0; epoch < probabilities.length; epoch++) {
            Checks.requireProbabilities("probabilities[" + epoch + "]", probabilities[epoch], labels, classes);
        }
        this.labels = labels;
        this.classes = classes;
        this.probabilities = probabilities;
    }

    public int samples() {
        return labels.length;
    }

    public int classes() {
        return classes;
    }

    public int epochs() {
        return probabilities.length;
    }

    public int label(int sample) {
        return labels[sample];
    }

    public double probability(int epoch, int sample, int ofClass) {
        return probabilities[epoch][sample * classes + ofClass];
    }

    /** Probability of the given label. */
    public double confidence(int epoch, int sample) {
        return probability(epoch, sample, labels[sample]);
    }

    /** Confidence less the largest probability of another class, −1 … 1. */
    public double margin(int epoch, int sample) {
        double other = 0;
        for (int k = 0; k < classes; k++) {
            if (k != labels[sample]) {
                other = Math.max(other, probability(epoch, sample, k));
            }
        }
        return confidence(epoch, sample) - other;
    }

    /** Mean confidence [N] over the epochs. */
    public double[] meanConfidence() {
        double[] means = new double[samples()];
        for (int epoch = 0; epoch < epochs(); epoch++) {
            for (int i = 0; i < means.length; i++) {
                means[i] += confidence(epoch, i) / epochs();
            }
        }
        return means;
    }
}
