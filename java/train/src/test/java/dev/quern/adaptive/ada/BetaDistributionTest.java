package dev.quern.adaptive.ada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BetaDistributionTest {
    @Test
    void theLogDensityHasThePublishedCheckValue() {
        try (PointerScope scope = new PointerScope()) {
            assertThat(logDensity(1.7, 1.6, 0.3)).isCloseTo(0.13871211160716035, within(1e-14));
        }
    }

    @ParameterizedTest
    @CsvSource({"1.7, 1.6, 0.3", "1.01, 5, 0.9", "30, 2.5, 0.999", "1.69, 1.69, 1e-6"})
    void gradientsAreThoseOfFiniteDifferences(double alpha, double beta, double action) {
        try (PointerScope scope = new PointerScope()) {
            Tensor a = number(alpha).set_requires_grad(true);
            Tensor b = number(beta).set_requires_grad(true);
            BetaDistribution.logDensity(a, b, number(action)).backward();
            double step = 1e-5;
            double byAlpha =
                    (logDensity(alpha + step, beta, action) - logDensity(alpha - step, beta, action)) / step / 2;
            double byBeta =
                    (logDensity(alpha, beta + step, action) - logDensity(alpha, beta - step, action)) / step / 2;
            assertThat(a.grad().item_double()).isCloseTo(byAlpha, within(1e-7 * Math.max(1, Math.abs(byAlpha))));
            assertThat(b.grad().item_double()).isCloseTo(byBeta, within(1e-7 * Math.max(1, Math.abs(byBeta))));
        }
    }

    @ParameterizedTest
    @CsvSource({"1.69, 1.69", "1.0001, 1.0001", "1.2, 7", "40, 3"})
    void drawsHaveTheMomentsOfTheDistribution(double alpha, double beta) {
        long seed = Long.getLong("seed", 8);
        int n = 60_000;
        double sum = 0;
        double squares = 0;
        for (int sample = 0; sample < n; sample++) {
            double draw = BetaDistribution.draw(alpha, beta, seed, 3, sample);
            sum += draw;
            squares += draw * draw;
        }
        double mean = alpha / (alpha + beta);
        double variance = alpha * beta / ((alpha + beta) * (alpha + beta) * (alpha + beta + 1));
        double found = sum / n;
        assertThat(found).as("-Dseed=%d", seed).isCloseTo(mean, within(5 * Math.sqrt(variance / n)));
        assertThat(squares / n - found * found).as("-Dseed=%d", seed).isCloseTo(variance, within(0.04 * variance));
    }

    @Test
    void drawsOfTheUniformDistributionAreUniform() {
        long seed = Long.getLong("seed", 9);
        int[] bins = new int[20];
        for (int sample = 0; sample < 40_000; sample++) {
            bins[(int) (20 * BetaDistribution.draw(1, 1, seed, 0, sample))]++;
        }
        // 2000 expected, six standard deviations are 262.
        assertThat(java.util.Arrays.stream(bins)).as("-Dseed=%d", seed).allMatch(count -> Math.abs(count - 2000) < 262);
    }

    @Test
    void drawsStayInsideTheOpenInterval() {
        for (int sample = 0; sample < 2000; sample++) {
            assertThat(BetaDistribution.draw(1e9, 1, 1, 0, sample)).isBetween(0.99f, (float) (1 - 1e-6));
            assertThat(BetaDistribution.draw(1, 1e9, 1, 0, sample)).isBetween((float) 1e-6, 0.01f);
        }
    }

    private static double logDensity(double alpha, double beta, double action) {
        return BetaDistribution.logDensity(number(alpha), number(beta), number(action))
                .item_double();
    }

    private static Tensor number(double value) {
        return torch.zeros(new long[] {1}).to(ScalarType.Double).add_(new Scalar(value));
    }
}
