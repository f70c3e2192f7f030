package dev.quern.select.score;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Gradients of samples' cross-entropy by weights and bias of a linear last layer, kept as their factors: (p − onehot(y)) ⊗ [h, 1], which is
 * [C·(D+1)] for each sample, row by row of the classes, the bias last. Immutable; the arrays are shared, not copied.
 */
public final class LastLayerGradients {
    private final float[] probabilities;
    private final int classes;
    private final float[] features;
    private final int dimension;
    private final int[] labels;

    /**
     * @param probabilities [N,C], each in [0, 1]
     * @param classes C ≥ 2
     * @param features [N,D] finite, what the last layer sees
     * @param dimension D ≥ 1
     * @param labels [N], 0 … C − 1
     */
    public LastLayerGradients(float[] probabilities, int classes, float[] features, int dimension, int[] labels) {
        Checks.requireProbabilities("probabilities", probabilities, labels, classes);
        Checks.requireFeatures(features, dimension, labels);
        this.probabilities = probabilities;
        this.classes = classes;
        this.features = features;
        this.dimension = dimension;
        this.labels = labels;
    }

    public int samples() {
        return labels.length;
    }

    /** Numbers of one gradient, C·(D+1). */
    public int size() {
        return Math.multiplyExact(classes, dimension + 1);
    }

    /** C. */
    public int classes() {
        return classes;
    }

    /** The label of a sample. */
    public int label(int sample) {
        return labels[sample];
    }

    /** What a sample is given for a class. */
    public double probability(int sample, int ofClass) {
        return probabilities[sample * classes + ofClass];
    }

    /** The first factor: p − 1 of the label, p of the other classes. */
    double error(int sample, int ofClass) {
        return probability(sample, ofClass) - (ofClass == labels[sample] ? 1 : 0);
    }

    /** The second factor: a feature, and 1 behind the last. */
    public double input(int sample, int place) {
        return place == dimension ? 1 : features[sample * dimension + place];
    }

    /** L2 norms [N]: ‖p − onehot(y)‖·√(1 + ‖h‖²). */
    public double[] norms() {
        double[] norms = new double[samples()];
        for (int i = 0; i < norms.length; i++) {
            double errors = 0;
            for (int k = 0; k < classes; k++) {
                errors += error(i, k) * error(i, k);
            }
            double inputs = 0;
            for (int d = 0; d <= dimension; d++) {
                inputs += input(i, d) * input(i, d);
            }
            norms[i] = Math.sqrt(errors * inputs);
        }
        return norms;
    }

    /** Mean gradient [size] of some samples; 0 of none. */
    public double[] mean(int[] members) {
        double[] mean = new double[size()];
        for (int i : members) {
            for (int k = 0; k < classes; k++) {
                addRow(mean, i, k, error(i, k) / members.length);
            }
        }
        return mean;
    }

    /** Adds {@code weight}·[h, 1] to a row of a gradient. */
    public void addRow(double[] gradient, int sample, int ofClass, double weight) {
        int row = ofClass * (dimension + 1);
        for (int d = 0; d <= dimension; d++) {
            gradient[row + d] += weight * input(sample, d);
        }
    }

    /** The product of a row of {@code gradient} and [h, 1]: what the row adds to a logit of the sample. */
    public double alongRow(double[] gradient, int sample, int ofClass) {
        int row = ofClass * (dimension + 1);
        double sum = 0;
        for (int d = 0; d <= dimension; d++) {
            sum += gradient[row + d] * input(sample, d);
        }
        return sum;
    }

    /** The inner product of a sample's gradient and another [size]. */
    public double along(double[] gradient, int sample) {
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            sum += error(sample, k) * alongRow(gradient, sample, k);
        }
        return sum;
    }

    /** What the gradients enter the scores of {@link MovingOneSampleOut} by. */
    public MovingOneSampleOut.Products products() {
        double[] mean = mean(IntStream.range(0, samples()).toArray());
        double meanSquare = Arrays.stream(mean).map(value -> value * value).sum();
        double[] squares = Arrays.stream(norms()).map(norm -> norm * norm).toArray();
        double[] along = new double[samples()];
        Arrays.setAll(along, i -> along(mean, i));
        return new MovingOneSampleOut.Products(meanSquare, squares, along);
    }

    /** The gradients themselves, [N,size]. */
    public float[] dense() {
        float[] dense = new float[Math.multiplyExact(samples(), size())];
        for (int i = 0; i < samples(); i++) {
            for (int place = 0; place < size(); place++) {
                dense[i * size() + place] =
                        (float) (error(i, place / (dimension + 1)) * input(i, place % (dimension + 1)));
            }
        }
        return dense;
    }

    /**
     * Random projections [N,{@code wanted}], whose inner products are those of the gradients in expectation: each number is the product of two
     * random sums with signs, one over the classes and one over the inputs, so that no gradient is ever formed.
     *
     * @param wanted ≥ 1
     */
    public float[] projected(int wanted, long seed) {
        Checks.requireAtLeast("wanted", wanted, 1);
        float[] projected = new float[Math.multiplyExact(samples(), wanted)];
        IntStream.range(0, wanted).parallel().forEach(column -> {
            int[] classSigns = signs(column, classes, seed, 0);
            int[] inputSigns = signs(column, dimension + 1, seed, 1);
            for (int i = 0; i < samples(); i++) {
                double errors = 0;
                for (int k = 0; k < classes; k++) {
                    errors += classSigns[k] * error(i, k);
                }
                double inputs = 0;
                for (int d = 0; d <= dimension; d++) {
                    inputs += inputSigns[d] * input(i, d);
                }
                projected[i * wanted + column] = (float) (errors * inputs / Math.sqrt(wanted));
            }
        });
        return projected;
    }

    private static int[] signs(int column, int count, long seed, int factor) {
        return IntStream.range(0, count)
                .map(place -> Philox.coin(seed, 2L * column + factor, place, Slot.PROJECTION) ? 1 : -1)
                .toArray();
    }
}
