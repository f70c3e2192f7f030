package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.select.sampling.ProbabilityMap.Scale;
import org.junit.jupiter.api.Test;

class ProbabilityMapTest {
    @Test
    void minMaxIsLinearBetweenThePercentiles() {
        ProbabilityMap map = new ProbabilityMap(Scale.MIN_MAX, 0, 100, 1e-3);
        assertThat(map.apply("density", new float[] {2, 4, 3, 6}))
                .containsExactly(new double[] {1e-3, 0.5, 0.25, 1}, within(1e-12));
    }

    @Test
    void anOutlierDoesNotFlattenTheOthers() {
        float[] scores = new float[201];
        for (int i = 0; i < 200; i++) {
            scores[i] = i;
        }
        scores[200] = 1e9f;
        double[] weights = ProbabilityMap.MIN_MAX.apply("density", scores);
        // NumPy's percentiles of these scores are 2 and 198.
        assertThat(weights[0]).isEqualTo(1e-3);
        assertThat(weights[2]).isEqualTo(1e-3);
        assertThat(weights[100]).isCloseTo(98 / 196.0, within(1e-12));
        assertThat(weights[198]).isEqualTo(1);
        assertThat(weights[200]).isEqualTo(1);
    }

    @Test
    void percentilesAreInterpolated() {
        ProbabilityMap map = new ProbabilityMap(Scale.MIN_MAX, 10, 90, 1e-3);
        // NumPy: percentile([0, 1, 2, 4], [10, 90]) = [0.3, 3.4]
        assertThat(map.apply("density", new float[] {0, 1, 2, 4}))
                .containsExactly(new double[] {1e-3, 0.7 / 3.1, 1.7 / 3.1, 1}, within(1e-9));
    }

    @Test
    void ranksShareTies() {
        assertThat(ProbabilityMap.RANK.apply("density", new float[] {5, -1, 5, 9}))
                .containsExactly(2.5 / 4, 1 / 4.0, 2.5 / 4, 1);
        assertThat(ProbabilityMap.RANK.apply("density", new float[] {0f, -0f, Float.MAX_VALUE, -Float.MAX_VALUE}))
                .containsExactly(2.5 / 4, 2.5 / 4, 1, 1 / 4.0);
    }

    @Test
    void equalScoresAreEquallyLikely() {
        for (ProbabilityMap map : new ProbabilityMap[] {ProbabilityMap.MIN_MAX, ProbabilityMap.RANK}) {
            assertThat(map.apply("density", new float[] {3, 3, 3})).containsExactly(1, 1, 1);
            assertThat(map.apply("density", new float[] {0f, -0f})).containsExactly(1, 1);
            assertThat(map.apply("density", new float[0])).isEmpty();
        }
    }

    @Test
    void oneDifferentScoreOfManyStillCounts() {
        float[] scores = new float[1000];
        scores[17] = 1;
        double[] weights = ProbabilityMap.MIN_MAX.apply("density", scores);
        assertThat(weights[17]).isEqualTo(1);
        assertThat(weights[16]).isEqualTo(1e-3);
    }

    @Test
    void nanAndInfinityAreNamed() {
        assertThatThrownBy(() -> ProbabilityMap.MIN_MAX.apply("density", new float[] {1, Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("density[1] is NaN, allowed: finite numbers");
        assertThatThrownBy(() -> ProbabilityMap.RANK.apply("consistency", new float[] {Float.NEGATIVE_INFINITY}))
                .hasMessage("consistency[0] is -Infinity, allowed: finite numbers");
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new ProbabilityMap(Scale.MIN_MAX, 99, 1, 1e-3))
                .hasMessageContaining("percentiles are 99.0 and 1.0");
        assertThatThrownBy(() -> new ProbabilityMap(Scale.MIN_MAX, Double.NaN, 1, 1e-3))
                .hasMessageContaining("percentiles");
        assertThatThrownBy(() -> new ProbabilityMap(Scale.RANK, 0, 100, 0)).hasMessageContaining("floor is 0.0");
    }
}
