package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.score.LearningScores;
import dev.quern.select.score.TrainingDynamics;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DualPruningTest {
    @Test
    void weightsAreTheBetaDensityTimesTheScore() {
        DualPruning pruning = new DualPruning(confidences(new double[][] {{0.4, 0.6}, {0.6, 0.8}}), 2, 1, 1);
        // Scores 0.05 and 0.03, mean confidences 0.5 and 0.7, Beta(13, 3).
        double first = Math.pow(5.0 / 7, 12) * Math.pow(5.0 / 3, 2) * 5 / 3;
        assertThat(pruning.weights(0.5)).containsExactly(new double[] {first, 1}, within(1e-5));
    }

    @Test
    void theAnchorIsTheMeanConfidenceOfTheTenLargestScores() {
        long seed = Seed.of("theAnchorIsTheMeanConfidenceOfTheTenLargestScores");
        TrainingDynamics dynamics = random(seed, 30, 8);
        double[] scores = LearningScores.dual(dynamics, 4);
        double[] confidence = dynamics.meanConfidence();
        double tenth = Arrays.stream(scores).sorted().toArray()[20];
        double anchor = 0;
        for (int i = 0; i < 30; i++) {
            anchor += scores[i] >= tenth ? confidence[i] / 10 : 0;
        }
        double b = 15 * (1 - anchor) * (1 - Math.pow(0.7, 4));
        double[] expected = new double[30];
        for (int i = 0; i < 30; i++) {
            expected[i] = scores[i] * Math.pow(confidence[i], 15 - b) * Math.pow(1 - confidence[i], b - 1);
        }
        double largest = Arrays.stream(expected).max().orElseThrow();
        assertThat(new DualPruning(dynamics, 4, 4, seed).weights(0.3))
                .containsExactly(Arrays.stream(expected).map(w -> w / largest).toArray(), within(1e-9));
    }

    @Test
    void oneSampleIsDrawnInProportionToItsWeight() {
        long seed = Seed.of("oneSampleIsDrawnInProportionToItsWeight");
        TrainingDynamics dynamics = random(seed, 5, 4);
        int runs = 20_000;
        double[] frequencies = new double[5];
        for (int run = 0; run < runs; run++) {
            frequencies[new DualPruning(dynamics, 2, 4, seed + run).select(0.2)[0]] += 1.0 / runs;
        }
        double[] weights = new DualPruning(dynamics, 2, 4, seed).weights(0.2);
        double sum = Arrays.stream(weights).sum();
        // 5.5 standard deviations of a frequency of one half.
        assertThat(frequencies)
                .containsExactly(
                        Arrays.stream(weights).map(w -> w / sum).toArray(), within(5.5 * 0.5 / Math.sqrt(runs)));
    }

    @Test
    void samplesThatNeverChangedCanStillBeDrawn() {
        TrainingDynamics still = confidences(new double[][] {{0.5, 0.5}, {1, 1}, {0, 0}});
        assertThat(new DualPruning(still, 2, 4, 1).select(1)).containsExactly(0, 1, 2);
    }

    @Test
    void badInputIsNamed() {
        TrainingDynamics dynamics = confidences(new double[][] {{0.4, 0.6}});
        assertThatThrownBy(() -> new DualPruning(dynamics, 2, 0.5, 1))
                .hasMessage("curvature is 0.5, allowed: ≥ 1, finite");
        assertThatThrownBy(() -> new DualPruning(dynamics, 3, 4, 1)).hasMessage("window is 3, allowed: 2 … 2");
    }

    private static TrainingDynamics random(long seed, int samples, int epochs) {
        Random random = new Random(seed);
        double[][] confidences = new double[samples][];
        Arrays.setAll(confidences, i -> random.doubles(epochs, 0.3, 0.95).toArray());
        return confidences(confidences);
    }

    /** Two classes, label 0, of confidences [N][T]. */
    private static TrainingDynamics confidences(double[][] ofSample) {
        float[][] probabilities = new float[ofSample[0].length][2 * ofSample.length];
        for (int i = 0; i < ofSample.length; i++) {
            for (int t = 0; t < probabilities.length; t++) {
                probabilities[t][2 * i] = (float) ofSample[i][t];
                probabilities[t][2 * i + 1] = (float) (1 - ofSample[i][t]);
            }
        }
        return new TrainingDynamics(new int[ofSample.length], 2, probabilities);
    }
}
