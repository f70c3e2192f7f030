package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.select.sampling.LossBandit.Setting;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossSelectionTest {
    private static final int[] ALL = IntStream.range(0, 6).toArray();
    private static final float[] LOSSES = {1, 2, 3, 4, 10, 16};

    @Test
    void infoBatchLeavesOutHalfOfWhatIsBelowTheMean() {
        InfoBatch batch = new InfoBatch(6, 0.5, 0.875, 8, 3);
        assertThat(batch.select(0)).containsExactly(ALL);
        batch.observe(ALL, LOSSES);
        int[] chosen = batch.select(1);
        assertThat(chosen).hasSize(4).contains(4, 5);
        assertThat(batch.weight(5)).isEqualTo(1);
        assertThat(IntStream.of(ALL).mapToDouble(batch::weight).boxed()).containsOnly(0.0, 1.0, 2.0);
        assertThat(batch.select(7)).hasSize(4);
        assertThat(batch.select(8)).containsExactly(ALL);
        assertThat(batch.weight(0)).isEqualTo(1);
    }

    @Test
    void theExpectedSumOfInfoBatchIsThatOfAllData() {
        int epochs = 20_000;
        InfoBatch batch = new InfoBatch(6, 0.5, 1, epochs, 5);
        batch.observe(ALL, LOSSES);
        double sum = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            sum += IntStream.of(batch.select(epoch))
                    .mapToDouble(i -> batch.weight(i) * LOSSES[i])
                    .sum();
        }
        assertThat(sum / epochs).isCloseTo(36, within(0.1));
    }

    @Test
    void epsilonGreedyKeepsTheLargestMeansAndSomeByChance() {
        LossBandit bandit = LossBandit.epsilonGreedy(new Setting(6, 0.5, 0.8, 2, 1), 1.0 / 3);
        assertThat(bandit.select(0)).containsExactly(ALL);
        bandit.observe(ALL, LOSSES);
        int[] chosen = bandit.select(1);
        assertThat(chosen).hasSize(3).contains(4, 5);
        bandit.observe(new int[] {0}, new float[] {100});
        assertThat(bandit.select(2)).containsExactly(chosen);
        assertThat(bandit.select(3)).contains(0, 5);
    }

    @Test
    void aRestoredBanditGoesOnTheSame() {
        LossBandit bandit = LossBandit.epsilonGreedy(new Setting(6, 0.5, 0.8, 2, 1), 1.0 / 3);
        bandit.observe(ALL, LOSSES);
        bandit.select(1);
        LossBandit restored = LossBandit.epsilonGreedy(new Setting(6, 0.5, 0.8, 2, 1), 1.0 / 3);
        restored.restore(bandit.state());
        assertThat(restored.select(2)).containsExactly(bandit.select(2));
        assertThat(restored.select(3)).containsExactly(bandit.select(3));
        assertThatThrownBy(() -> restored.restore(new double[3])).hasMessage("state has 3 entries, allowed: 18");
    }

    @Test
    void aRestoredInfoBatchGoesOnTheSame() {
        InfoBatch batch = new InfoBatch(6, 0.5, 0.875, 8, 3);
        batch.observe(ALL, LOSSES);
        batch.select(1);
        InfoBatch restored = new InfoBatch(6, 0.5, 0.875, 8, 3);
        restored.restore(batch.state());
        assertThat(IntStream.of(ALL).mapToDouble(restored::weight).toArray())
                .containsExactly(IntStream.of(ALL).mapToDouble(batch::weight).toArray());
        assertThat(restored.select(2)).containsExactly(batch.select(2));
    }

    @Test
    void everySampleIsExploredEquallyOften() {
        int[] visits = new int[6];
        LossBandit bandit = LossBandit.epsilonGreedy(new Setting(6, 0.5, 0.8, 1, 1), 1.0 / 3);
        bandit.observe(ALL, LOSSES);
        for (int epoch = 1; epoch <= 8000; epoch++) {
            Arrays.stream(bandit.select(epoch)).forEach(i -> visits[i]++);
        }
        assertThat(visits[4]).isEqualTo(8000);
        for (int i = 0; i < 4; i++) {
            assertThat(visits[i]).isBetween(1850, 2150);
        }
    }

    @Test
    void theUpperConfidenceBoundAddsTheVariance() {
        LossBandit still = LossBandit.upperConfidenceBound(new Setting(2, 0.5, 0.8, 1, 1), 0);
        LossBandit sure = LossBandit.upperConfidenceBound(new Setting(2, 0.5, 0.8, 1, 1), 1);
        for (LossBandit bandit : new LossBandit[] {still, sure}) {
            bandit.observe(new int[] {0, 1}, new float[] {3, 0});
            bandit.observe(new int[] {0, 1}, new float[] {3, 2.5f});
            bandit.observe(new int[] {0, 1}, new float[] {3, 4});
        }
        // means 2.976 and 3.6; variances 0.357 and 2.904
        assertThat(still.select(1)).containsExactly(1);
        assertThat(sure.select(1)).containsExactly(1);
        sure.observe(new int[] {1}, new float[] {2.5f});
        still.observe(new int[] {1}, new float[] {2.5f});
        // mean of 1 is 2.72, its variance 1.549
        assertThat(still.select(2)).containsExactly(0);
        assertThat(sure.select(2)).containsExactly(1);
    }

    @Test
    void repeatedSamplingWalksThroughAllDataBeforeItRepeats() {
        RepeatedSampling sampling = new RepeatedSampling(10, 0.3, 4);
        int[] visits = new int[10];
        for (int epoch = 0; epoch < 3; epoch++) {
            Arrays.stream(sampling.select(epoch)).forEach(i -> visits[i]++);
        }
        assertThat(Arrays.stream(visits).sum()).isEqualTo(9);
        assertThat(Arrays.stream(visits).max().orElseThrow()).isEqualTo(1);
        assertThat(new RepeatedSampling(3, 1, 4).select(5)).containsExactly(0, 1, 2);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new InfoBatch(6, 1, 0.5, 8, 0)).hasMessage("pruned is 1.0, allowed: 0 up to below 1");
        assertThatThrownBy(() -> new InfoBatch(6, 0.5, 0.5, 8, 0).observe(new int[] {6}, new float[1]))
                .hasMessage("samples[0] is 6, allowed: 0 … 5");
        assertThatThrownBy(() -> new InfoBatch(6, 0.5, 0.5, 8, 0).observe(new int[1], new float[] {Float.NaN}))
                .hasMessage("losses[0] is NaN, allowed: finite");
        assertThatThrownBy(() -> new Setting(6, 0, 0.8, 1, 0)).hasMessage("ratio is 0.0, allowed: above 0, at most 1");
    }
}
