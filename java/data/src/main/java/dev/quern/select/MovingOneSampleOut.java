package dev.quern.select;

/**
 * Moving-one-sample-out, MoSo (Tan et al. 2023): how much the empirical risk would rise without a sample, to first order, summed over checkpoints of
 * a surrogate. Larger is more worth keeping; the paper keeps the largest within each class.
 */
public final class MovingOneSampleOut {
    private final double[] scores;

    /** @param samples N ≥ 3 */
    public MovingOneSampleOut(int samples) {
        Checks.requireAtLeast("samples", samples, 3);
        scores = new double[samples];
    }

    /**
     * Adds one checkpoint.
     *
     * @param learningRate of the surrogate there, > 0
     * @param gradients [N,dimension] finite, of each sample's loss
     */
    public void add(double learningRate, float[] gradients, int dimension) {
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learningRate is " + learningRate + ", allowed: above 0, finite");
        }
        int samples = scores.length;
        Checks.requireFeatures(gradients, dimension, new int[samples]);
        double[] mean = new double[dimension];
        for (int i = 0; i < gradients.length; i++) {
            mean[i % dimension] += (double) gradients[i] / samples;
        }
        double meanSquare = 0;
        for (double value : mean) {
            meanSquare += value * value;
        }
        double scale = learningRate / ((samples - 1.0) * (samples - 1));
        for (int sample = 0; sample < samples; sample++) {
            double square = 0;
            double along = 0;
            for (int d = 0; d < dimension; d++) {
                double gradient = gradients[sample * dimension + d];
                square += gradient * gradient;
                along += mean[d] * gradient;
            }
            scores[sample] += scale
                    * ((2.0 * samples - 3) * meanSquare - square + (2.0 * samples - 4) * (along - square / samples));
        }
    }

    /** The sums so far [N]. */
    public double[] scores() {
        return scores.clone();
    }
}
