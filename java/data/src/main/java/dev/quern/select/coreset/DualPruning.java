package dev.quern.select.coreset;

import dev.quern.select.GumbelTopK;
import dev.quern.select.Ratio;
import dev.quern.select.ScoreRanking;
import dev.quern.select.Selector;
import dev.quern.select.score.LearningScores;
import dev.quern.select.score.TrainingDynamics;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * DUAL (Cho et al. 2025): samples drawn without replacement in proportion to {@link LearningScores#dual} times a Beta density of the mean
 * confidence, which moves from hard to easy samples as less is kept.
 */
public final class DualPruning implements Selector {
    /** b − 1 and a − 1 of the Beta density add up to this less one. */
    private static final double CONCENTRATION = 15;

    private static final int ANCHORS = 10;

    /** Keeps the density finite where its exponent is negative. */
    private static final double MARGIN = 1e-6;

    private final double[] scores;
    private final double[] confidence;
    private final double anchor;
    private final double curvature;
    private final int[] labels;
    private final GumbelTopK sampler;

    /** Counts over all classes together, as published. */
    public DualPruning(TrainingDynamics dynamics, int window, double curvature, long seed) {
        this(dynamics, window, curvature, GumbelTopK.global(seed));
    }

    /**
     * @param window epochs J, 2 … T; the paper takes 10 of 30
     * @param curvature c ≥ 1 of 1 − ρᶜ; 4 for CIFAR-10, 5.5 for CIFAR-100
     * @param sampler of the weighted draw
     */
    public DualPruning(TrainingDynamics dynamics, int window, double curvature, GumbelTopK sampler) {
        if (!(curvature >= 1 && Double.isFinite(curvature))) {
            throw new IllegalArgumentException("curvature is " + curvature + ", allowed: ≥ 1, finite");
        }
        this.scores = LearningScores.dual(dynamics, window);
        this.confidence = dynamics.meanConfidence();
        this.curvature = curvature;
        this.labels =
                IntStream.range(0, dynamics.samples()).map(dynamics::label).toArray();
        this.sampler = sampler;
        int[] all = IntStream.range(0, scores.length).toArray();
        this.anchor = Arrays.stream(ScoreRanking.largest(scores, all, ANCHORS))
                .mapToDouble(i -> confidence[i])
                .average()
                .orElseThrow();
    }

    @Override
    public String name() {
        return "dual";
    }

    @Override
    public int[] select(double ratio) {
        int count = Ratio.count(scores.length, ratio);
        return sampler.choose(weights(ratio), labels, count, 0);
    }

    /** Weights [N] of the draw, the largest 1. */
    double[] weights(double ratio) {
        double b = CONCENTRATION * (1 - anchor) * (1 - Math.pow(1 - ratio, curvature));
        double a = CONCENTRATION + 1 - b;
        double[] logs = new double[scores.length];
        Arrays.setAll(logs, i -> {
            double x = Math.min(1 - MARGIN, Math.max(MARGIN, confidence[i]));
            return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) + Math.log(scores[i]);
        });
        double largest = Arrays.stream(logs).max().orElseThrow();
        return Arrays.stream(logs)
                .map(log ->
                        largest == Double.NEGATIVE_INFINITY ? 1 : Math.max(Double.MIN_NORMAL, Math.exp(log - largest)))
                .toArray();
    }
}
