package dev.quern.analysis;

import java.util.Random;
import java.util.stream.IntStream;

/** Small feature sets. */
final class Toys {
    private Toys() {}

    /** Twelve points of two classes, of which golden values are known. */
    static LabelledFeatures golden(double[] scale, double[] shift) {
        double[] values = new double[36];
        int[] labels = new int[12];
        for (int i = 0; i < 12; i++) {
            labels[i] = i % 2;
            double[] point = {7 * i % 11 * 0.5 + i % 2 * 6, 5 * i % 13 * 0.4, 3 * i % 7 * 0.3 - i % 2 * 2};
            for (int k = 0; k < 3; k++) {
                values[3 * i + k] = point[k] * scale[k] + shift[k];
            }
        }
        return LabelledFeatures.of("toy", values, labels);
    }

    static LabelledFeatures golden() {
        return golden(new double[] {1, 1, 1}, new double[3]);
    }

    static LabelledFeatures goldenAugmented() {
        return golden(new double[] {1.1, 0.9, 1}, new double[] {0.5, -0.25, 0.1});
    }

    /** Gaussian classes whose means are apart. */
    static LabelledFeatures gaussian(Random random, int n, int d, int classes) {
        float[] values = new float[n * d];
        int[] labels = IntStream.range(0, n).map(i -> i % classes).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() + 2 * labels[i / d];
        }
        return LabelledFeatures.of("gaussian", values, labels);
    }

    /** Every value moved by {@code shift}. */
    static LabelledFeatures moved(LabelledFeatures features, double shift) {
        double[] values = new double[features.size() * features.dimension()];
        for (int i = 0; i < values.length; i++) {
            values[i] = features.at(i / features.dimension(), i % features.dimension()) + shift;
        }
        return LabelledFeatures.of("moved", values, labels(features));
    }

    /** Row i is row {@code order[i]} of {@code features}. */
    static LabelledFeatures permuted(LabelledFeatures features, int[] order) {
        int d = features.dimension();
        float[] values = new float[features.size() * d];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) features.at(order[i / d], i % d);
        }
        int[] labels = IntStream.of(order).map(features::label).toArray();
        return LabelledFeatures.of("permuted", values, labels);
    }

    static int[] labels(LabelledFeatures features) {
        return IntStream.range(0, features.size()).map(features::label).toArray();
    }
}
