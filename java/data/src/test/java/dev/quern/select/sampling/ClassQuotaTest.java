package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.select.GumbelTopK;
import dev.quern.select.GumbelTopK.Draw;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.ScoreRanking;
import dev.quern.select.coreset.CoverageCentric;
import dev.quern.select.coreset.DualPruning;
import dev.quern.select.coreset.ModerateCoreset;
import dev.quern.select.score.TrainingDynamics;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What selects over all classes together selects a share of every class if asked to. */
class ClassQuotaTest {
    /** 60, 30 and 10 samples. */
    private static final int[] LABELS = IntStream.range(0, 100)
            .map(i -> i % 10 == 0 ? 2 : i % 3 == 0 ? 1 : 0)
            .toArray();

    private static final GumbelTopK BALANCED = new GumbelTopK(Draw.GUMBEL, Quota.CLASS_BALANCED, 5);

    static Stream<Named<DoubleFunction<int[]>>> selections() {
        Random random = new Random(8);
        float[] features = new float[300];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian() + 5 * LABELS[i / 3];
        }
        double[] scores = random.doubles(100).toArray();
        Arrays.setAll(scores, i -> scores[i] + 2 * LABELS[i]);
        return Stream.of(
                Named.of("moderate", new ModerateCoreset(features, 3, LABELS, Quota.CLASS_BALANCED)::select),
                Named.of("ccs", new CoverageCentric(scores, 0, 4, 1, LABELS, Quota.CLASS_BALANCED)::select),
                Named.of("dual", new DualPruning(dynamics(random), 2, 4, BALANCED)::select),
                Named.of("random", ratio -> new StaticRandom(LABELS, ratio, BALANCED).select(0)),
                Named.of("random-dynamic", ratio -> new DynamicRandom(LABELS, ratio, BALANCED).select(3)),
                Named.of("epsilon-greedy", ratio -> bandit(ratio, scores).select(1)),
                Named.of("ranking", new ScoreRanking("s", scores, LABELS, Quota.CLASS_BALANCED)::select));
    }

    private static LossBandit bandit(double ratio, double[] scores) {
        LossBandit.Setting setting = new LossBandit.Setting(100, ratio, 0.8, 1, 6);
        LossBandit bandit = LossBandit.epsilonGreedy(setting, 0.25).withinClasses(LABELS);
        float[] losses = new float[100];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) scores[i];
        }
        bandit.observe(IntStream.range(0, 100).toArray(), losses);
        return bandit;
    }

    private static TrainingDynamics dynamics(Random random) {
        float[][] probabilities = new float[3][300];
        for (float[] epoch : probabilities) {
            for (int i = 0; i < epoch.length; i++) {
                epoch[i] = random.nextFloat();
            }
        }
        return new TrainingDynamics(LABELS, 3, probabilities);
    }

    @ParameterizedTest
    @MethodSource("selections")
    void everyClassHasItsShare(DoubleFunction<int[]> selection) {
        int[] members = counts(IntStream.range(0, 100).toArray());
        for (double ratio : new double[] {0.1, 0.5, 0.9}) {
            int[] chosen = selection.apply(ratio);
            assertThat(chosen)
                    .hasSize((int) (100 * ratio))
                    .doesNotHaveDuplicates()
                    .isSorted();
            int[] counts = counts(chosen);
            for (int label = 0; label < 3; label++) {
                assertThat((double) counts[label]).isCloseTo(ratio * members[label], within(1.0));
            }
        }
    }

    private static int[] counts(int[] samples) {
        int[] counts = new int[3];
        Arrays.stream(samples).forEach(i -> counts[LABELS[i]]++);
        return counts;
    }

    /** Class medians 2 and 20, distances 2, 1, 0, 1, 3 and 10, 0, 20: the middle three and the middle one. */
    @Test
    void theModerateOfEachClassAreWorkedByHand() {
        float[] features = {0, 1, 2, 3, 5, 10, 20, 40};
        int[] labels = {0, 0, 0, 0, 0, 1, 1, 1};
        assertThat(new ModerateCoreset(features, 1, labels, Quota.CLASS_BALANCED).select(0.5))
                .containsExactly(0, 1, 3, 5);
    }

    /** Of three and three samples two each, one of them the largest and one by chance. */
    @Test
    void aBanditTakesTheLargestLossOfEachClass() {
        LossBandit.Setting setting = new LossBandit.Setting(6, 2.0 / 3, 0.8, 1, 6);
        LossBandit bandit = LossBandit.epsilonGreedy(setting, 0.5).withinClasses(new int[] {0, 0, 0, 1, 1, 1});
        bandit.observe(new int[] {0, 1, 2, 3, 4, 5}, new float[] {1, 3, 2, 9, 7, 8});
        int[] visits = new int[6];
        for (int epoch = 1; epoch <= 1000; epoch++) {
            Arrays.stream(bandit.select(epoch)).forEach(i -> visits[i]++);
        }
        assertThat(visits[1]).isEqualTo(1000);
        assertThat(visits[3]).isEqualTo(1000);
        // 5.5 standard deviations of a frequency of one half.
        assertThat(IntStream.of(0, 2, 4, 5).map(i -> visits[i])).allMatch(count -> count > 413 && count < 587);
        assertThatThrownBy(() -> bandit.withinClasses(new int[5])).hasMessage("labels has 5 entries, allowed: 6");
    }

    @Test
    void withinAClassEverySampleIsAsLikely() {
        int[] visits = new int[100];
        DynamicRandom random = new DynamicRandom(LABELS, 0.3, BALANCED);
        int epochs = 4000;
        for (int epoch = 0; epoch < epochs; epoch++) {
            Arrays.stream(random.select(epoch)).forEach(i -> visits[i]++);
        }
        // 5.5 standard deviations of a frequency of 0.3.
        assertThat(Arrays.stream(visits))
                .allMatch(count -> Math.abs(count - 0.3 * epochs) < 5.5 * Math.sqrt(0.21 * epochs));
    }
}
