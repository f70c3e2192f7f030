package dev.quern.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** The known-answer vectors of Random123 for philox4x32-10. */
    @Test
    void theBlocksAreThoseOfTheReference() {
        assertBlock(new int[6], 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        int[] ones = {-1, -1, -1, -1, -1, -1};
        assertBlock(ones, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        int[] pi = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0};
        assertBlock(pi, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    private static void assertBlock(int[] in, int... words) {
        for (int half = 0; half < 2; half++) {
            long bits = Philox.block(in[0], in[1], in[2], in[3], in[4], in[5], half);
            assertThat((int) bits).isEqualTo(words[2 * half]);
            assertThat((int) (bits >>> 32)).isEqualTo(words[2 * half + 1]);
        }
    }

    @Test
    void theKeyIsLaidOutAsDocumented() {
        long seed = 0x299f31d0a4093822L;
        long sample = 0x85a308d3243f6a88L;
        assertThat(Philox.bits(seed, 0x13198a2e, sample, 0x03707344)).isEqualTo(0x94fdccebd16cfe09L);
    }

    @Test
    void everyPartOfTheKeyMatters() {
        Set<Long> draws = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            draws.add(Philox.bits(i, 1000, 1000, 1000));
            draws.add(Philox.bits(1000, i, 1000, 1000));
            draws.add(Philox.bits(1000, 1000, i, 1000));
            draws.add(Philox.bits(1000, 1000, 1000, i));
            draws.add(Philox.bits((long) i << 32, 1001, 1000, 1000));
            draws.add(Philox.bits(1000, 1000, 1L + i << 32, 1000));
        }
        assertThat(draws).hasSize(600);
    }

    @Test
    void uniformsStayInTheirRangeAndHaveTheRightMoments() {
        long seed = Seed.of("uniformsStayInTheirRangeAndHaveTheRightMoments");
        int n = 100_000;
        double[] doubles = new double[n];
        double floats = 0;
        for (int i = 0; i < n; i++) {
            doubles[i] = Philox.uniform(seed, 1, i, 2);
            float single = Philox.uniformFloat(seed, 2, i, 2);
            assertThat(single).isGreaterThanOrEqualTo(0f).isLessThan(1f);
            floats += single;
        }
        assertThat(Arrays.stream(doubles)).allMatch(u -> u >= 0 && u < 1);
        double mean = Arrays.stream(doubles).average().orElseThrow();
        double square = Arrays.stream(doubles).map(u -> u * u).average().orElseThrow();
        // Six standard errors: sqrt(1/12/n)·6 and sqrt(4/45/n)·6.
        assertThat(mean).isBetween(0.5 - 0.0055, 0.5 + 0.0055);
        assertThat(floats / n).isBetween(0.5 - 0.0055, 0.5 + 0.0055);
        assertThat(square).isBetween(1.0 / 3 - 0.0057, 1.0 / 3 + 0.0057);
    }

    @Test
    void gumbelsHaveTheRightMeanAndVariance() {
        long seed = Seed.of("gumbelsHaveTheRightMeanAndVariance");
        int n = 100_000;
        double[] draws = IntStream.range(0, n)
                .mapToDouble(i -> Philox.gumbel(seed, 0, i, 0))
                .toArray();
        double mean = Arrays.stream(draws).average().orElseThrow();
        double variance =
                Arrays.stream(draws).map(g -> (g - mean) * (g - mean)).average().orElseThrow();
        assertThat(mean).isBetween(0.5772 - 0.025, 0.5772 + 0.025);
        assertThat(variance).isBetween(1.645 - 0.08, 1.645 + 0.08);
    }

    @Test
    void normalsHaveTheRightMeanVarianceAndTails() {
        long seed = Seed.of("normalsHaveTheRightMeanVarianceAndTails");
        int n = 100_000;
        double[] draws = IntStream.range(0, n)
                .mapToDouble(i -> Philox.normal(seed, 0, i, 0))
                .toArray();
        double mean = Arrays.stream(draws).average().orElseThrow();
        double square = Arrays.stream(draws).map(z -> z * z).average().orElseThrow();
        double beyond = Arrays.stream(draws).filter(z -> Math.abs(z) > 1.96).count() / (double) n;
        // Six standard errors: 1/sqrt(n), sqrt(2/n), sqrt(0.05·0.95/n).
        assertThat(mean).isBetween(-0.019, 0.019);
        assertThat(square).isBetween(1 - 0.027, 1 + 0.027);
        assertThat(beyond).isBetween(0.05 - 0.0042, 0.05 + 0.0042);
    }

    @Test
    void boundedIntegersAreEquallyLikely() {
        long seed = Seed.of("boundedIntegersAreEquallyLikely");
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[Philox.uniformInt(7, seed, i, 0, 0)]++;
        }
        assertThat(Arrays.stream(counts)).allMatch(count -> Math.abs(count - 10_000) < 600);
        assertThat(Philox.uniformInt(1, seed, 0, 0, 0)).isZero();
        assertThat(Philox.uniformInt(Integer.MAX_VALUE, seed, 0, 0, 0)).isNotNegative();
        assertThatThrownBy(() -> Philox.uniformInt(0, 1, 1, 1, 1)).hasMessage("bound is 0, allowed: ≥ 1");
    }

    @Test
    void permutationsHoldEveryNumberOnceAndEveryOrderIsEquallyLikely() {
        long seed = Seed.of("permutationsHoldEveryNumberOnceAndEveryOrderIsEquallyLikely");
        assertThat(Arrays.stream(Philox.permutation(seed, 3, 1000, 0)).sorted())
                .containsExactly(IntStream.range(0, 1000).boxed().toArray(Integer[]::new));
        int[] orders = new int[6];
        for (int epoch = 0; epoch < 12_000; epoch++) {
            int[] order = Philox.permutation(seed, epoch, 3, 0);
            orders[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
        }
        assertThat(Arrays.stream(orders)).allMatch(count -> Math.abs(count - 2000) < 250);
        assertThat(Philox.permutation(seed, 0, 0, 0)).isEmpty();
    }
}
