package dev.quern.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.DenseSolver;
import java.util.Random;
import org.junit.jupiter.api.Test;

public class LastLayerGradientsTest {
    /** Errors (−0.25, 0.25) and (0.5, −0.5), inputs (3, 4, 1) and (0, 2, 1). */
    private static final LastLayerGradients TWO = new LastLayerGradients(
            new float[] {0.75f, 0.25f, 0.5f, 0.5f}, 2, new float[] {3, 4, 0, 2}, 2, new int[] {0, 1});

    @Test
    void aGradientIsTheProductOfErrorAndInput() {
        assertThat(TWO.dense()).containsExactly(-0.75f, -1, -0.25f, 0.75f, 1, 0.25f, 0, 1, 0.5f, -0f, -1, -0.5f);
        assertThat(TWO.norms())
                .containsExactly(new double[] {Math.sqrt(0.125 * 26), Math.sqrt(0.5 * 5)}, within(1e-12));
        assertThat(TWO.mean(new int[] {0, 1}))
                .containsExactly(new double[] {-0.375, 0, 0.125, 0.375, 0, -0.125}, within(1e-12));
        assertThat(TWO.along(TWO.mean(new int[] {0}), 1)).isCloseTo(-1 - 0.125 - 1 - 0.125, within(1e-12));
    }

    @Test
    void graNdIsTheMeanOverTheNetworks() {
        GradientNorm grand = new GradientNorm(2);
        assertThat(grand.scores()).containsExactly(0, 0);
        grand.add(TWO.norms());
        grand.add(new double[] {1, 1});
        assertThat(grand.scores())
                .containsExactly(new double[] {(Math.sqrt(3.25) + 1) / 2, (Math.sqrt(2.5) + 1) / 2}, within(1e-12));
    }

    @Test
    void moSoNeedsOnlyTheProducts() {
        Random random = new Random(Seed.of("moSoNeedsOnlyTheProducts"));
        LastLayerGradients gradients = random(random, 6, 3, 4);
        MovingOneSampleOut dense = new MovingOneSampleOut(6);
        dense.add(0.1, gradients.dense(), gradients.size());
        MovingOneSampleOut factored = new MovingOneSampleOut(6);
        factored.add(0.1, gradients.products());
        assertThat(factored.scores()).containsExactly(dense.scores(), within(1e-6));
    }

    @Test
    void projectionsKeepInnerProductsOnAverage() {
        Random random = new Random(Seed.of("projectionsKeepInnerProductsOnAverage"));
        LastLayerGradients gradients = random(random, 3, 4, 5);
        float[] dense = gradients.dense();
        int wanted = 40_000;
        float[] projected = gradients.projected(wanted, random.nextLong());
        double[][] exact = products(dense, gradients.size());
        double[][] estimated = products(projected, wanted);
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) {
                // Six standard errors: each of the columns deviates by at most 3 times the product of the lengths.
                double error = 6 * 3 * Math.sqrt(exact[i][i] * exact[k][k] / wanted);
                assertThat(estimated[i][k]).isCloseTo(exact[i][k], within(error));
            }
        }
    }

    private static double[][] products(float[] rows, int dimension) {
        int n = rows.length / dimension;
        double[][] products = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                for (int d = 0; d < dimension; d++) {
                    products[i][k] += (double) rows[i * dimension + d] * rows[k * dimension + d];
                }
            }
        }
        return products;
    }

    /** Probabilities of random logits, features of a normal distribution, random labels. */
    public static LastLayerGradients random(Random random, int samples, int classes, int dimension) {
        float[] probabilities = new float[samples * classes];
        float[] features = new float[samples * dimension];
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            double[] exponentials = random.doubles(classes, 0.1, 3).toArray();
            double total = DenseSolver.dot(exponentials, new double[] {1, 1, 1, 1});
            for (int k = 0; k < classes; k++) {
                probabilities[i * classes + k] = (float) (exponentials[k] / total);
            }
            labels[i] = random.nextInt(classes);
        }
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        return new LastLayerGradients(probabilities, classes, features, dimension, labels);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new LastLayerGradients(new float[] {1.5f, 0}, 2, new float[1], 1, new int[1]))
                .hasMessage("probabilities[0,0] is 1.5, allowed: 0 … 1");
        assertThatThrownBy(() -> new LastLayerGradients(new float[3], 2, new float[1], 1, new int[1]))
                .hasMessage("probabilities has 3 values, allowed: 1 × 2");
        assertThatThrownBy(() -> new LastLayerGradients(new float[2], 2, new float[1], 1, new int[] {2}))
                .hasMessage("labels[0] is 2, allowed: 0 … 1");
        assertThatThrownBy(() -> TWO.projected(0, 1)).hasMessage("wanted is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new GradientNorm(2).add(new double[1])).hasMessage("norms has 1 entries, allowed: 2");
    }
}
