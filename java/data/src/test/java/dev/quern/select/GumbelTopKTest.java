package dev.quern.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.GumbelTopK.Draw;
import dev.quern.select.GumbelTopK.Quota;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GumbelTopKTest {
    private static final double[] WEIGHTS = {1, 0.001, 0.5, 2, 0.25, 8, 1, 3};
    private static final int[] NO_LABELS = {};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7})
    void inclusionFrequenciesAreThoseOfDrawingOneByOne(int m) {
        long seed = Seed.of("inclusionFrequenciesAreThoseOfDrawingOneByOne");
        int epochs = 40_000;
        double[] frequencies = new double[WEIGHTS.length];
        GumbelTopK sampler = GumbelTopK.global(seed);
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] chosen = sampler.choose(WEIGHTS, NO_LABELS, m, epoch);
            assertThat(chosen).hasSize(m);
            for (int i = 0; i < m; i++) {
                frequencies[chosen[i]] += 1.0 / epochs;
                assertThat(i == 0 || chosen[i] > chosen[i - 1]).isTrue();
            }
        }
        double[] exact = new double[WEIGHTS.length];
        enumerate(m, 0, 1, Arrays.stream(WEIGHTS).sum(), exact);
        // 5.5 standard deviations of a frequency of one half.
        assertThat(frequencies).containsExactly(exact, within(5.5 * 0.5 / Math.sqrt(epochs)));
    }

    /** Adds the probability of every sequence of draws to the samples it holds. */
    private static void enumerate(int left, int taken, double probability, double remaining, double[] inclusion) {
        if (left == 0) {
            for (int i = 0; i < WEIGHTS.length; i++) {
                inclusion[i] += (taken >> i & 1) * probability;
            }
            return;
        }
        for (int i = 0; i < WEIGHTS.length; i++) {
            if ((taken >> i & 1) == 0) {
                enumerate(
                        left - 1,
                        taken | 1 << i,
                        probability * WEIGHTS[i] / remaining,
                        remaining - WEIGHTS[i],
                        inclusion);
            }
        }
    }

    @Test
    void topKTakesTheLargestAndOfEqualOnesTheFirst() {
        GumbelTopK sampler = new GumbelTopK(Draw.TOP_K, Quota.GLOBAL, 1);
        assertThat(sampler.choose(WEIGHTS, NO_LABELS, 3, 0)).containsExactly(3, 5, 7);
        assertThat(sampler.choose(WEIGHTS, NO_LABELS, 3, 1)).containsExactly(3, 5, 7);
        assertThat(sampler.choose(new double[] {1, 2, 1, 2, 1}, NO_LABELS, 3, 0))
                .containsExactly(0, 1, 3);
        assertThat(sampler.choose(new double[] {0, -0.0, 0}, NO_LABELS, 2, 0)).containsExactly(0, 1);
    }

    @Test
    void quotasFollowTheClassesByLargestRemainder() {
        int[] labels = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2};
        double[] weights = {1, 1, 1, 1, 1, 1, 100, 100, 100, 100};
        for (Draw draw : Draw.values()) {
            GumbelTopK sampler = new GumbelTopK(draw, Quota.CLASS_BALANCED, 3);
            for (int m = 0; m <= 10; m++) {
                int[] counts = new int[3];
                for (int chosen : sampler.choose(weights, labels, m, m)) {
                    counts[labels[chosen]]++;
                }
                assertThat(Arrays.stream(counts).sum()).isEqualTo(m);
                for (int label = 0; label < 3; label++) {
                    double share = m * new int[] {6, 3, 1}[label] / 10.0;
                    assertThat((double) counts[label]).isBetween(Math.floor(share), Math.ceil(share));
                }
            }
        }
        assertThat(new GumbelTopK(Draw.TOP_K, Quota.CLASS_BALANCED, 3).choose(weights, labels, 5, 0))
                .containsExactly(0, 1, 2, 6, 7);
    }

    @Test
    void aWeightOfZeroIsNeverChosen() {
        GumbelTopK sampler = GumbelTopK.global(1);
        double[] weights = {0, 1, 0, 1, 1};
        for (int epoch = 0; epoch < 200; epoch++) {
            assertThat(sampler.choose(weights, NO_LABELS, 3, epoch)).containsExactly(1, 3, 4);
        }
        assertThatThrownBy(() -> sampler.choose(weights, NO_LABELS, 4, 0))
                .hasMessage("m is 4, allowed: at most 3, the number of weights above 0");
    }

    @Test
    void allAndNothingCanBeChosen() {
        GumbelTopK sampler = GumbelTopK.global(1);
        assertThat(sampler.choose(WEIGHTS, NO_LABELS, 8, 0)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(sampler.choose(WEIGHTS, NO_LABELS, 0, 0)).isEmpty();
        assertThat(sampler.choose(new double[0], NO_LABELS, 0, 0)).isEmpty();
    }

    @Test
    void badArgumentsAreNamed() {
        GumbelTopK sampler = GumbelTopK.global(1);
        GumbelTopK balanced = new GumbelTopK(Draw.GUMBEL, Quota.CLASS_BALANCED, 1);
        assertThatThrownBy(() -> sampler.choose(WEIGHTS, NO_LABELS, 9, 0)).hasMessage("m is 9, allowed: 0 … 8");
        assertThatThrownBy(() -> sampler.choose(WEIGHTS, NO_LABELS, -1, 0)).hasMessageContaining("m is -1");
        assertThatThrownBy(() -> sampler.choose(new double[] {1, Double.NaN}, NO_LABELS, 1, 0))
                .hasMessage("weights[1] is NaN, allowed: finite, ≥ 0");
        assertThatThrownBy(() -> sampler.choose(new double[] {-1}, NO_LABELS, 1, 0))
                .hasMessageContaining("weights[0] is -1.0");
        assertThatThrownBy(() -> sampler.choose(new double[] {Double.POSITIVE_INFINITY}, NO_LABELS, 1, 0))
                .hasMessageContaining("Infinity");
        assertThatThrownBy(() -> balanced.choose(WEIGHTS, new int[3], 2, 0))
                .hasMessage("labels has 3 entries, weights 8");
        assertThatThrownBy(() -> balanced.choose(new double[2], new int[] {0, -1}, 1, 0))
                .hasMessageContaining("labels[1] is -1");
    }
}
