package dev.quern.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrawsTest {
    private static final int COUNT = 40_000;

    @ParameterizedTest
    @CsvSource({"0.2, 0.2", "1, 1", "0.5, 2", "3, 1.5", "20, 20"})
    void betaHasItsMeanAndVariance(double a, double b) {
        double[] values = sample("beta " + a + " " + b, draws -> draws.beta(a, b, 0));
        double mean = a / (a + b);
        double variance = a * b / ((a + b) * (a + b) * (a + b + 1));
        assertThat(Arrays.stream(values)).allMatch(value -> value >= 0 && value <= 1);
        assertThat(mean(values)).isCloseTo(mean, within(6 * Math.sqrt(variance / COUNT)));
        assertThat(variance(values)).isCloseTo(variance, within(0.06 * variance));
    }

    @ParameterizedTest
    @CsvSource({"0.3", "1", "2.5", "50"})
    void gammaHasItsMeanAndVariance(double shape) {
        double[] values = sample("gamma " + shape, draws -> draws.gamma(shape, 7));
        assertThat(mean(values)).isCloseTo(shape, within(6 * Math.sqrt(shape / COUNT)));
        assertThat(variance(values)).isCloseTo(shape, within(0.12 * shape));
    }

    @Test
    void normalHasMeanZeroAndVarianceOne() {
        double[] values = sample("normal", draws -> draws.normal(3));
        assertThat(mean(values)).isCloseTo(0, within(6 / Math.sqrt(COUNT)));
        assertThat(variance(values)).isCloseTo(1, within(0.05));
        assertThat(Arrays.stream(values).filter(value -> Math.abs(value) > 1.96).count())
                .isBetween(COUNT / 20 - 300L, COUNT / 20 + 300L);
    }

    @Test
    void dirichletSharesSumToOneAndAreUniformOverTheSimplex() {
        long seed = Seed.of("dirichlet");
        double[] first = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            double[] shares = Draws.of(seed, 1, i, 0).dirichlet(3, 5);
            assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-12));
            first[i] = shares[0];
        }
        assertThat(mean(first)).isCloseTo(1.0 / 3, within(0.008));
        assertThat(variance(first)).isCloseTo(1.0 / 18, within(0.004));
    }

    @Test
    void stepsEpochsSamplesAndSlotsHaveRandomNumbersOfTheirOwn() {
        Draws draws = Draws.of(1, 2, 3, 4);
        assertThat(IntStream.of(
                                draws.below(1 << 30, 5),
                                draws.below(1 << 30, 6),
                                Draws.of(2, 2, 3, 4).below(1 << 30, 5),
                                Draws.of(1, 3, 3, 4).below(1 << 30, 5),
                                Draws.of(1, 2, 4, 4).below(1 << 30, 5),
                                Draws.of(1, 2, 3, 5).below(1 << 30, 5))
                        .distinct())
                .hasSize(6);
        assertThat(Draws.of(1, 2, 3, 6).before(2)).isEqualTo(draws);
    }

    private static double[] sample(String name, ToDoubleFunction<Draws> draw) {
        long seed = Seed.of(name);
        return IntStream.range(0, COUNT)
                .mapToDouble(i -> draw.applyAsDouble(Draws.of(seed, 1, i, 0)))
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow();
    }
}
