package dev.quern.select.score;

import dev.quern.data.Profile;

/** Scores [N] of how a sample was learned; the methods keep the largest unless said otherwise. */
public final class LearningScores {
    /** Keeps the logarithm of a vanished probability finite. */
    private static final double LEAST = Float.MIN_NORMAL;

    /** Weight of the newest window in TDDS. */
    private static final double NEWEST = 0.9;

    private LearningScores() {}

    /** What Forgetting makes of samples that no epoch got right. */
    public enum NeverLearned {
        /** They come first: +∞ (Paul et al. 2021). */
        FIRST,
        /** They were never forgotten: 0 (quirk of the DeepCore library). */
        ZERO
    }

    /** EL2N: mean over epochs or runs of ‖p − onehot(y)‖₂ (Paul et al. 2021). */
    public static double[] el2n(TrainingDynamics dynamics) {
        double[] scores = new double[dynamics.samples()];
        for (int epoch = 0; epoch < dynamics.epochs(); epoch++) {
            for (int i = 0; i < scores.length; i++) {
                double squared = 0;
                for (int k = 0; k < dynamics.classes(); k++) {
                    double error = dynamics.probability(epoch, i, k) - (k == dynamics.label(i) ? 1 : 0);
                    squared += error * error;
                }
                scores[i] += Math.sqrt(squared) / dynamics.epochs();
            }
        }
        return scores;
    }

    /** Forgetting: how often a sample went from right to wrong from one epoch to the next (Toneva et al. 2019); a tie counts as wrong. */
    public static double[] forgetting(TrainingDynamics dynamics, NeverLearned neverLearned) {
        double[] scores = new double[dynamics.samples()];
        for (int i = 0; i < scores.length; i++) {
            boolean learned = false;
            boolean before = false;
            for (int epoch = 0; epoch < dynamics.epochs(); epoch++) {
                boolean right = dynamics.margin(epoch, i) > 0;
                scores[i] += before && !right ? 1 : 0;
                learned |= right;
                before = right;
            }
            if (!learned && neverLearned == NeverLearned.FIRST) {
                scores[i] = Double.POSITIVE_INFINITY;
            }
        }
        return scores;
    }

    /** AUM: sum over epochs of the margin (Pleiss et al. 2020); small where a sample is hard or its label wrong. */
    public static double[] areaUnderMargin(TrainingDynamics dynamics) {
        double[] scores = new double[dynamics.samples()];
        for (int epoch = 0; epoch < dynamics.epochs(); epoch++) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] += dynamics.margin(epoch, i);
            }
        }
        return scores;
    }

    /**
     * TDDS (Zhang et al. 2024): how much the change of the prediction from epoch to epoch deviates from its mean within a window, averaged over
     * the windows with weights 0.9·0.1ⁿ, the newest first.
     *
     * @param window epochs J, 2 … T; the paper takes 10
     * @param profile released: the softmax of the first window weighs the changes of all windows, as the code's index has it
     */
    public static double[] tdds(TrainingDynamics dynamics, int window, Profile profile) {
        requireWindow(dynamics, window);
        double[] scores = new double[dynamics.samples()];
        double[] changes = new double[window - 1];
        for (int i = 0; i < scores.length; i++) {
            for (int first = 0; first + window <= dynamics.epochs(); first++) {
                double mean = 0;
                for (int j = 0; j < changes.length; j++) {
                    int weighing = (profile == Profile.PAPER ? first : 0) + j + 1;
                    changes[j] = change(dynamics, first + j, weighing, i);
                    mean += changes[j] / changes.length;
                }
                double squared = 0;
                for (double change : changes) {
                    squared += (change - mean) * (change - mean);
                }
                scores[i] = (1 - NEWEST) * scores[i] + NEWEST * Math.sqrt(squared);
            }
        }
        return scores;
    }

    /** Σ |p·(log of the next epoch's probability − log of the epoch's)|, p of the epoch {@code weighing}. */
    private static double change(TrainingDynamics dynamics, int epoch, int weighing, int sample) {
        double sum = 0;
        for (int k = 0; k < dynamics.classes(); k++) {
            double after = Math.log(Math.max(LEAST, dynamics.probability(epoch + 1, sample, k)));
            double before = Math.log(Math.max(LEAST, dynamics.probability(epoch, sample, k)));
            sum += Math.abs(dynamics.probability(weighing, sample, k) * (after - before));
        }
        return sum;
    }

    /**
     * DUAL's score (Cho et al. 2025): mean over all windows of std(p_y)·(1 − mean(p_y)), large where a sample is uncertain and hard.
     *
     * @param window epochs J, 2 … T; the paper takes 10
     */
    public static double[] dual(TrainingDynamics dynamics, int window) {
        requireWindow(dynamics, window);
        int windows = dynamics.epochs() - window + 1;
        double[] scores = new double[dynamics.samples()];
        for (int i = 0; i < scores.length; i++) {
            for (int first = 0; first < windows; first++) {
                double mean = 0;
                for (int epoch = first; epoch < first + window; epoch++) {
                    mean += dynamics.confidence(epoch, i) / window;
                }
                double squared = 0;
                for (int epoch = first; epoch < first + window; epoch++) {
                    double deviation = dynamics.confidence(epoch, i) - mean;
                    squared += deviation * deviation;
                }
                scores[i] += Math.sqrt(squared / window) * (1 - mean) / windows;
            }
        }
        return scores;
    }

    private static void requireWindow(TrainingDynamics dynamics, int window) {
        if (window < 2 || window > dynamics.epochs()) {
            throw new IllegalArgumentException("window is " + window + ", allowed: 2 … " + dynamics.epochs());
        }
    }
}
