package dev.quern.select.score;

import dev.quern.select.Checks;

/**
 * GraNd (Paul et al. 2021): mean over networks of the norm of each sample's gradient, a few epochs into training. Larger is more worth keeping; for
 * {@link dev.quern.select.ScoreRanking}. DeepCore takes the last layer's gradient and ten networks, the paper all parameters.
 */
public final class GradientNorm {
    private final double[] sums;
    private int networks;

    /** @param samples N ≥ 1 */
    public GradientNorm(int samples) {
        Checks.requireAtLeast("samples", samples, 1);
        sums = new double[samples];
    }

    /**
     * Adds one network.
     *
     * @param norms [N] ≥ 0, finite: {@link LastLayerGradients#norms}, or those by all parameters
     */
    public void add(double[] norms) {
        if (norms.length != sums.length) {
            throw new IllegalArgumentException("norms has " + norms.length + " entries, allowed: " + sums.length);
        }
        Checks.requireFinite("norms", norms);
        for (int i = 0; i < sums.length; i++) {
            sums[i] += norms[i];
        }
        networks++;
    }

    /** The means so far [N]; 0 before there is a network. */
    public double[] scores() {
        double[] scores = sums.clone();
        for (int i = 0; i < scores.length && networks > 0; i++) {
            scores[i] /= networks;
        }
        return scores;
    }
}
