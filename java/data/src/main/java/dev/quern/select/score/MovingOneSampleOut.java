package dev.quern.select.score;

import dev.quern.select.Checks;
import java.util.Arrays;

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
        int samples = scores.length;
        Checks.requireFeatures(gradients, dimension, new int[samples]);
        double[] mean = new double[dimension];
        for (int i = 0; i < gradients.length; i++) {
            mean[i % dimension] += (double) gradients[i] / samples;
        }
        double[] squares = new double[samples];
        double[] along = new double[samples];
        for (int i = 0; i < gradients.length; i++) {
            double gradient = gradients[i];
            squares[i / dimension] += gradient * gradient;
            along[i / dimension] += mean[i % dimension] * gradient;
        }
        double meanSquare = Arrays.stream(mean).map(value -> value * value).sum();
        add(learningRate, new Products(meanSquare, squares, along));
    }

    /**
     * The products that a checkpoint's gradients enter the scores by, so that gradients of any size need never be held together.
     *
     * @param meanSquare ‖G‖², G the mean gradient
     * @param squares [N] ‖g‖² of each sample
     * @param along [N] ⟨G, g⟩
     */
    public record Products(double meanSquare, double[] squares, double[] along) {}

    /** Adds one checkpoint by its products. */
    public void add(double learningRate, Products products) {
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learningRate is " + learningRate + ", allowed: above 0, finite");
        }
        int samples = scores.length;
        if (products.squares.length != samples || products.along.length != samples) {
            throw new IllegalArgumentException("squares and along have " + products.squares.length + " and "
                    + products.along.length + " entries, allowed: " + samples);
        }
        Checks.requireFinite("squares", products.squares);
        Checks.requireFinite("along", products.along);
        double scale = learningRate / ((samples - 1.0) * (samples - 1));
        for (int i = 0; i < samples; i++) {
            double square = products.squares[i];
            scores[i] += scale
                    * ((2.0 * samples - 3) * products.meanSquare
                            - square
                            + (2.0 * samples - 4) * (products.along[i] - square / samples));
        }
    }

    /** The sums so far [N]. */
    public double[] scores() {
        return scores.clone();
    }
}
