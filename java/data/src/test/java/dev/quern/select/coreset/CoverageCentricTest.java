package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoverageCentricTest {
    @Test
    void theSmallStratumIsKeptWholeAndTheHardestSampleDropped() {
        long seed = Seed.of("theSmallStratumIsKeptWholeAndTheHardestSampleDropped");
        double[] difficulty = {0, 1, 2, 3, 10, 100};
        int runs = 10_000;
        double[] frequencies = new double[6];
        for (int run = 0; run < runs; run++) {
            for (int i : new CoverageCentric(difficulty, 0.2, 2, seed + run).select(0.5)) {
                frequencies[i] += 1.0 / runs;
            }
        }
        // 5.5 standard deviations of a frequency of one half.
        assertThat(frequencies)
                .containsExactly(new double[] {0.5, 0.5, 0.5, 0.5, 1, 0}, within(5.5 * 0.5 / Math.sqrt(runs)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.4, 0.7, 0.9})
    void everyStratumIsFilledToOneLevelAsFarAsItReaches(double ratio) {
        long seed = Seed.of("everyStratumIsFilledToOneLevelAsFarAsItReaches");
        Random random = new Random(seed);
        int n = 500;
        int strata = 7;
        double[] difficulty = random.doubles(n).map(u -> u * u * u).toArray();
        double[] sorted = Arrays.stream(difficulty).sorted().toArray();
        double low = sorted[0];
        double high = sorted[n - 51];
        int[] kept = new CoverageCentric(difficulty, 0.1, strata, seed).select(ratio);
        assertThat(kept)
                .hasSize((int) Math.round(n * ratio))
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(Arrays.stream(kept).mapToDouble(i -> difficulty[i])).allMatch(value -> value <= high);
        int level = 0;
        int[] taken = new int[strata];
        int[] sizes = new int[strata];
        for (int s = 0; s < strata; s++) {
            double from = low + s * (high - low) / strata;
            double to = s == strata - 1 ? Math.nextUp(high) : low + (s + 1) * (high - low) / strata;
            taken[s] = (int) Arrays.stream(kept)
                    .filter(i -> difficulty[i] >= from && difficulty[i] < to)
                    .count();
            sizes[s] = (int) Arrays.stream(difficulty)
                    .filter(value -> value >= from && value < to)
                    .count();
            level = Math.max(level, taken[s]);
        }
        for (int s = 0; s < strata; s++) {
            assertThat(taken[s]).isBetween(Math.min(sizes[s], level - 1), level);
        }
    }

    @Test
    void equalDifficultiesAreOneStratum() {
        assertThat(new CoverageCentric(new double[10], 0, 50, 1).select(0.5)).hasSize(5);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new CoverageCentric(new double[] {Double.NaN}, 0, 50, 1))
                .hasMessage("difficulty[0] is NaN, allowed: finite");
        assertThatThrownBy(() -> new CoverageCentric(new double[4], 1, 50, 1))
                .hasMessage("dropped is 1.0, allowed: 0 up to below 1");
        assertThatThrownBy(() -> new CoverageCentric(new double[4], 0, 0, 1)).hasMessage("strata is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new CoverageCentric(new double[4], 0.5, 50, 1).select(1))
                .hasMessage("ratio asks for 4 samples, allowed: at most 2, what is left after dropping a share of 0.5");
    }
}
