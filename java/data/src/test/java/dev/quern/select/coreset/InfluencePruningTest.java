package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.DenseSolver;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.coreset.InfluencePruning.Setting;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InfluencePruningTest {
    private static final Setting GREEDY = new Setting(0.01, 1, 0.99, 0);

    /** 1 alone is the shortest; with it 3 is nearer to −1 than 6; −4 and 3 and 1 cancel, but greed took 1 first. */
    @Test
    void whatCancelsIsLeftOut() {
        float[] line = {6, 3, 1, -4};
        assertThat(pruning(line, GREEDY).select(0.75)).containsExactly(0, 1, 3);
        assertThat(pruning(line, GREEDY).select(0.5)).containsExactly(0, 1);
        assertThat(pruning(line, GREEDY).select(0.25)).containsExactly(0);
        assertThat(pruning(line, Setting.DEFAULT).select(0.5)).containsExactly(0, 2);
        assertThat(pruning(line, Setting.DEFAULT).select(1)).containsExactly(0, 1, 2, 3);
    }

    private static InfluencePruning pruning(float[] line, Setting setting) {
        return new InfluencePruning(line, 1, new int[line.length], Quota.GLOBAL, setting, 2);
    }

    @Test
    void influencesSolveTheDampedCurvature() {
        Random random = new Random(Seed.of("influencesSolveTheDampedCurvature"));
        float[] gradients = gaussian(random, 40 * 7);
        double[][] curvature = new double[7][7];
        for (int i = 0; i < 40; i++) {
            for (int a = 0; a < 7; a++) {
                for (int b = 0; b < 7; b++) {
                    curvature[a][b] += (double) gradients[i * 7 + a] * gradients[i * 7 + b] / 40;
                }
            }
        }
        for (int a = 0; a < 7; a++) {
            curvature[a][a] += 0.3;
        }
        double[][] influences = InfluencePruning.influences(gradients, 7, 0.3);
        for (int i = 0; i < 40; i++) {
            double[] gradient = new double[7];
            int row = i * 7;
            Arrays.setAll(gradient, d -> gradients[row + d] / 40.0);
            assertThat(influences[i]).containsExactly(DenseSolver.solve(curvature, gradient), within(1e-12));
        }
    }

    @Test
    void annealingFindsTheBestOfAllSubsets() {
        Random random = new Random(4);
        float[] gradients = gaussian(random, 14 * 3);
        double[][] influences = InfluencePruning.influences(gradients, 3, 0.01);
        double best = Double.POSITIVE_INFINITY;
        for (int set = 0; set < 1 << 14; set++) {
            if (Integer.bitCount(set) == 7) {
                best = Math.min(best, length(influences, set));
            }
        }
        Setting slow = new Setting(0.01, 1, 0.9999, 100_000);
        int[] kept = new InfluencePruning(gradients, 3, new int[14], Quota.GLOBAL, slow, 1).select(0.5);
        int out = (1 << 14) - 1 - IntStream.of(kept).map(i -> 1 << i).sum();
        assertThat(length(influences, out)).isCloseTo(best, within(1e-12));
        int[] greedy = new InfluencePruning(gradients, 3, new int[14], Quota.GLOBAL, GREEDY, 1).select(0.5);
        assertThat(length(
                        influences,
                        (1 << 14) - 1 - IntStream.of(greedy).map(i -> 1 << i).sum()))
                .isGreaterThan(best);
    }

    private static double length(double[][] influences, int set) {
        double[] sum = new double[influences[0].length];
        for (int i = 0; i < influences.length; i++) {
            for (int d = 0; d < sum.length; d++) {
                sum[d] += (set >> i & 1) * influences[i][d];
            }
        }
        return Math.sqrt(DenseSolver.dot(sum, sum));
    }

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void aQuotaPrunesWithinTheClasses() {
        float[] line = {6, 3, 1, -4, 5, -5, 2, 9};
        int[] labels = {0, 0, 0, 0, 1, 1, 1, 1};
        InfluencePruning pruning = new InfluencePruning(line, 1, labels, Quota.CLASS_BALANCED, Setting.DEFAULT, 2);
        assertThat(pruning.select(0.5)).containsExactly(0, 2, 6, 7);
        assertThat(pruning.select(0.5)).containsExactly(0, 2, 6, 7);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new Setting(0, 1, 0.9, 1)).hasMessage("damping is 0.0, allowed: above 0, finite");
        assertThatThrownBy(() -> new Setting(1, 0, 0.9, 1)).hasMessage("temperature is 0.0, allowed: above 0, finite");
        assertThatThrownBy(() -> new Setting(1, 1, 1, 1)).hasMessage("cooling is 1.0, allowed: above 0, below 1");
        assertThatThrownBy(() -> new Setting(1, 1, 0.9, -1)).hasMessage("swaps is -1, allowed: ≥ 0");
        assertThatThrownBy(() -> pruning(new float[] {Float.NaN}, GREEDY))
                .hasMessage("features[0,0] is NaN, allowed: finite");
    }
}
