package dev.quern.select;

/** Checks of labels and scores. */
public final class Checks {
    private Checks() {}

    static void requireLabels(int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "labels[" + i + "] is " + labels[i] + ", allowed: 0 … " + (classes - 1));
            }
        }
    }

    /** Refuses infinities and NaN. */
    public static void requireFinite(String name, double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + scores[i] + ", allowed: finite");
            }
        }
    }

    /** @param features [N,dimension] for N labels */
    public static void requireFeatures(float[] features, int dimension, int[] labels) {
        if (dimension < 1 || features.length != (long) dimension * labels.length) {
            throw new IllegalArgumentException("features has " + features.length + " values for " + labels.length
                    + " labels and dimension " + dimension + ", allowed: dimension values per label, at least 1");
        }
        for (int i = 0; i < features.length; i++) {
            if (!Float.isFinite(features[i])) {
                throw new IllegalArgumentException("features[" + i / dimension + "," + i % dimension + "] is "
                        + features[i] + ", allowed: finite");
            }
        }
    }

    /** @param probabilities [N,classes] for N labels */
    public static void requireProbabilities(String name, float[] probabilities, int[] labels, int classes) {
        requireAtLeast("classes", classes, 2);
        requireLabels(labels, classes);
        if (probabilities.length != (long) labels.length * classes) {
            throw new IllegalArgumentException(
                    name + " has " + probabilities.length + " values, allowed: " + labels.length + " × " + classes);
        }
        for (int i = 0; i < probabilities.length; i++) {
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) {
                throw new IllegalArgumentException(
                        name + "[" + i / classes + "," + i % classes + "] is " + probabilities[i] + ", allowed: 0 … 1");
            }
        }
    }

    /** Requires 0 … 1. */
    public static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + " is " + share + ", allowed: 0 … 1");
        }
    }

    /** Requires {@code least} or more. */
    public static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed: ≥ " + least);
        }
    }

    /** Requires a finite loss for each of the samples. */
    public static void requireLosses(int[] seen, float[] losses, int samples) {
        if (seen.length != losses.length) {
            throw new IllegalArgumentException(
                    "losses has " + losses.length + " entries, allowed: " + seen.length + ", one per sample");
        }
        for (int i = 0; i < seen.length; i++) {
            if (seen[i] < 0 || seen[i] >= samples) {
                throw new IllegalArgumentException(
                        "samples[" + i + "] is " + seen[i] + ", allowed: 0 … " + (samples - 1));
            }
            if (!Float.isFinite(losses[i])) {
                throw new IllegalArgumentException("losses[" + i + "] is " + losses[i] + ", allowed: finite");
            }
        }
    }
}
