package dev.quern.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelDistanceTest {
    private final Random random = new Random(Seed.of("label distances"));

    @Test
    void onALineTheDistancesAreThoseOfTheFormulas() {
        Gaussian one = gaussian(new double[] {0, 2, 4}, 1);
        Gaussian other = gaussian(new double[] {10, 11, 12}, 1);

        assertThat(one.meansTo(other)).isEqualTo(81);
        assertThat(one.upperBoundTo(other)).isCloseTo(81 + 4 + 1, within(1e-12));
        assertThat(one.diagonalBuresTo(other)).isCloseTo(81 + (2 - 1) * (2 - 1), within(1e-12));
        assertThat(bures(one, other)).isCloseTo(82, within(1e-12));
    }

    @Test
    void alongTheAxesTheFullDistanceIsTheDiagonalOne() {
        Gaussian one = gaussian(new double[] {3, 0, -3, 0, 0, 1, 0, -1}, 2);
        Gaussian other = gaussian(new double[] {1, 0, -1, 0, 0, 5, 0, -5}, 2);

        assertThat(bures(one, other)).isCloseTo(one.diagonalBuresTo(other), within(1e-12));
    }

    @Test
    void theFullDistanceIsSymmetricZeroToItselfAndBelowItsBound() {
        for (int round = 0; round < 20; round++) {
            Gaussian one = gaussian(normal(30 * 5), 5);
            Gaussian other = gaussian(normal(4 * 5), 5);

            assertThat(bures(one, other)).isCloseTo(bures(other, one), within(1e-6));
            assertThat(bures(one, one)).isCloseTo(0, within(1e-6));
            assertThat(bures(one, other)).isBetween(one.meansTo(other), one.upperBoundTo(other));
        }
    }

    @Test
    void aMovedAndStretchedGaussianIsAsFarAsItsMap() {
        double[] points = normal(400 * 3);
        double[] mapped = new double[points.length];
        for (int i = 0; i < points.length; i++) {
            mapped[i] = 3 * points[i] + 1;
        }
        Gaussian one = gaussian(points, 3);
        Gaussian other = gaussian(mapped, 3);

        assertThat(bures(one, other))
                .isCloseTo(one.meansTo(other) + 4 * one.covariance().trace(), within(1e-8));
    }

    private double[] normal(int count) {
        return random.doubles(count, -2, 2).toArray();
    }

    private static Gaussian gaussian(double[] values, int dimension) {
        LabelledFeatures features = LabelledFeatures.of("points", values, new int[values.length / dimension]);
        return Gaussian.of(new Cloud(features, features.rowsByClass().get(0)));
    }

    private static double bures(Gaussian one, Gaussian other) {
        return one.buresTo(other, one.covariance().root());
    }
}
