package dev.quern.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.data.Profile;
import dev.quern.select.score.LearningScores.NeverLearned;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearningScoresTest {
    private static final int SAMPLES = 20;
    private static final int CLASSES = 5;
    private static final int EPOCHS = 12;
    private static final int WINDOW = 4;

    /** Two classes; confidences 0.9 0.4 0.8 0.3, 0.2 0.3 0.4 0.5 and 0.6 0.7 0.8 0.9. */
    private static final TrainingDynamics BY_HAND = new TrainingDynamics(new int[] {0, 1, 0}, 2, new float[][] {
        {0.9f, 0.1f, 0.8f, 0.2f, 0.6f, 0.4f},
        {0.4f, 0.6f, 0.7f, 0.3f, 0.7f, 0.3f},
        {0.8f, 0.2f, 0.6f, 0.4f, 0.8f, 0.2f},
        {0.3f, 0.7f, 0.5f, 0.5f, 0.9f, 0.1f}
    });

    @Test
    void el2nOfTwoClassesIsTheMeanErrorTimesTheRootOfTwo() {
        double root = Math.sqrt(2);
        assertThat(LearningScores.el2n(BY_HAND))
                .containsExactly(new double[] {0.4 * root, 0.65 * root, 0.25 * root}, within(1e-7));
    }

    @Test
    void forgettingCountsTurnsFromRightToWrong() {
        assertThat(LearningScores.forgetting(BY_HAND, NeverLearned.FIRST))
                .containsExactly(2, Double.POSITIVE_INFINITY, 0);
        assertThat(LearningScores.forgetting(BY_HAND, NeverLearned.ZERO)).containsExactly(2, 0, 0);
    }

    @Test
    void areaUnderMarginAddsUpMargins() {
        assertThat(LearningScores.areaUnderMargin(BY_HAND)).containsExactly(new double[] {0.8, -1.2, 2}, within(1e-6));
    }

    @Test
    void tddsOfOneWindowIsTheSpreadOfItsTwoChanges() {
        TrainingDynamics dynamics =
                new TrainingDynamics(new int[] {0}, 2, new float[][] {{0.5f, 0.5f}, {0.5f, 0.5f}, {0.25f, 0.75f}});
        double change = 0.25 * Math.log(2) + 0.75 * Math.log(1.5);
        assertThat(LearningScores.tdds(dynamics, 3, Profile.PAPER)[0])
                .isCloseTo(0.9 * change / Math.sqrt(2), within(1e-12));
    }

    @Test
    void dualIsTheMeanOverWindowsOfSpreadTimesDoubt() {
        TrainingDynamics dynamics =
                new TrainingDynamics(new int[] {1}, 2, new float[][] {{0.5f, 0.5f}, {0.3f, 0.7f}, {0.3f, 0.7f}});
        assertThat(LearningScores.dual(dynamics, 2)[0]).isCloseTo(0.1 * 0.4 / 2, within(1e-7));
    }

    @Test
    void scoresEqualTheirDefinitions() {
        TrainingDynamics dynamics = random(Seed.of("scoresEqualTheirDefinitions"));
        double[] el2n = new double[SAMPLES];
        double[] margin = new double[SAMPLES];
        double[] dual = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            double[] confidences = new double[EPOCHS];
            for (int t = 0; t < EPOCHS; t++) {
                double[] row = row(dynamics, t, i);
                double own = row[dynamics.label(i)];
                confidences[t] = own;
                el2n[i] += Math.sqrt(Arrays.stream(row).map(p -> p * p).sum() - 2 * own + 1) / EPOCHS;
                double[] sorted = Arrays.stream(row).sorted().toArray();
                margin[i] += own - (own == sorted[CLASSES - 1] ? sorted[CLASSES - 2] : sorted[CLASSES - 1]);
            }
            dual[i] = IntStream.rangeClosed(WINDOW, EPOCHS)
                    .mapToObj(end -> Arrays.copyOfRange(confidences, end - WINDOW, end))
                    .mapToDouble(LearningScoresTest::spreadTimesDoubt)
                    .average()
                    .orElseThrow();
        }
        assertThat(LearningScores.el2n(dynamics)).containsExactly(el2n, within(1e-12));
        assertThat(LearningScores.areaUnderMargin(dynamics)).containsExactly(margin, within(1e-12));
        assertThat(LearningScores.dual(dynamics, WINDOW)).containsExactly(dual, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource
    void tddsEqualsTheWeightedSumOverWindows(Profile profile) {
        TrainingDynamics dynamics = random(Seed.of("tddsEqualsTheWeightedSumOverWindows"));
        double[] expected = new double[SAMPLES];
        int windows = EPOCHS - WINDOW + 1;
        for (int i = 0; i < SAMPLES; i++) {
            for (int w = 0; w < windows; w++) {
                double sum = 0;
                double squares = 0;
                for (int j = 1; j < WINDOW; j++) {
                    double[] weighing = row(dynamics, profile == Profile.PAPER ? w + j : j, i);
                    double[] after = row(dynamics, w + j, i);
                    double[] before = row(dynamics, w + j - 1, i);
                    double change = IntStream.range(0, CLASSES)
                            .mapToDouble(k -> weighing[k] * Math.abs(Math.log(after[k] / before[k])))
                            .sum();
                    sum += change;
                    squares += change * change;
                }
                double deviation = Math.sqrt(squares - sum * sum / (WINDOW - 1));
                expected[i] += 0.9 * Math.pow(0.1, windows - 1 - w) * deviation;
            }
        }
        assertThat(LearningScores.tdds(dynamics, WINDOW, profile)).containsExactly(expected, within(1e-7));
    }

    @Test
    void aVanishedProbabilityLeavesTddsFinite() {
        TrainingDynamics dynamics = new TrainingDynamics(new int[] {0}, 2, new float[][] {{1, 0}, {0, 1}, {1, 0}});
        assertThat(LearningScores.tdds(dynamics, 3, Profile.PAPER)[0]).isFinite();
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> LearningScores.dual(BY_HAND, 5)).hasMessage("window is 5, allowed: 2 … 4");
        assertThatThrownBy(() -> LearningScores.tdds(BY_HAND, 1, Profile.PAPER))
                .hasMessage("window is 1, allowed: 2 … 4");
        assertThatThrownBy(() -> new TrainingDynamics(new int[] {2}, 2, new float[][] {{0, 1}}))
                .hasMessage("labels[0] is 2, allowed: 0 … 1");
        assertThatThrownBy(() -> new TrainingDynamics(new int[] {0}, 2, new float[][] {{0, Float.NaN}}))
                .hasMessage("probabilities[0][0,1] is NaN, allowed: 0 … 1");
        assertThatThrownBy(() -> new TrainingDynamics(new int[] {0}, 2, new float[][] {{1}}))
                .hasMessage("probabilities[0] has 1 values, allowed: 1 × 2");
    }

    private static double spreadTimesDoubt(double[] confidences) {
        double mean = Arrays.stream(confidences).average().orElseThrow();
        double square = Arrays.stream(confidences).map(p -> p * p).average().orElseThrow();
        return Math.sqrt(square - mean * mean) * (1 - mean);
    }

    private static double[] row(TrainingDynamics dynamics, int epoch, int sample) {
        return IntStream.range(0, CLASSES)
                .mapToDouble(k -> dynamics.probability(epoch, sample, k))
                .toArray();
    }

    private static TrainingDynamics random(long seed) {
        Random random = new Random(seed);
        float[][] probabilities = new float[EPOCHS][SAMPLES * CLASSES];
        for (float[] epoch : probabilities) {
            for (int i = 0; i < SAMPLES; i++) {
                double[] raw = random.doubles(CLASSES, 0.05, 1).toArray();
                double sum = Arrays.stream(raw).sum();
                for (int k = 0; k < CLASSES; k++) {
                    epoch[i * CLASSES + k] = (float) (raw[k] / sum);
                }
            }
        }
        return new TrainingDynamics(random.ints(SAMPLES, 0, CLASSES).toArray(), CLASSES, probabilities);
    }
}
