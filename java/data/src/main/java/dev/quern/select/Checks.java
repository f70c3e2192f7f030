package dev.quern.select;

/** Checks of labels and scores. */
final class Checks {
    private Checks() {}

    static void requireLabels(int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "labels[" + i + "] is " + labels[i] + ", allowed: 0 … " + (classes - 1));
            }
        }
    }

    static void requireFinite(String name, double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + scores[i] + ", allowed: finite");
            }
        }
    }
}
