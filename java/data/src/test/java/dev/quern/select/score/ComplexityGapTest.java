package dev.quern.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.DenseSolver;
import dev.quern.select.score.ComplexityGap.Setting;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComplexityGapTest {
    private static final Setting EXACT = new Setting(1, 0);

    /** z = 0 off the diagonal: H is ½·I, so that every sample adds 1/½. */
    @Test
    void orthogonalSamplesAddTwo() {
        float[] images = {3, 0, 0, 0, 2, 0, 0, 0, 1};
        assertThat(ComplexityGap.scores(images, 3, new int[] {0, 1, 2}, EXACT, 1))
                .containsExactly(new double[] {2, 2, 2}, within(1e-12));
    }

    /** z = ½ of two classes: H = (½, ⅙; ⅙, ½), H⁻¹y = (3, −3), (H⁻¹)ᵢᵢ = 9/4; alone a sample has 2: 6 − 2 = 4. */
    @Test
    void aSampleNearTheOtherClassAddsMore() {
        float[] images = {1, 0, 0.5f, (float) Math.sqrt(0.75)};
        assertThat(ComplexityGap.scores(images, 2, new int[] {0, 1}, EXACT, 1))
                .containsExactly(new double[] {4, 4}, within(1e-6));
    }

    @Test
    void theGapsAreThoseOfLeavingEachSampleOut() {
        Random random = new Random(Seed.of("theGapsAreThoseOfLeavingEachSampleOut"));
        int n = 24;
        int positive = 14;
        double[][] gram = new double[n][n];
        double[][] points = new double[n][];
        Arrays.setAll(points, i -> random.doubles(9, -0.5, 1).toArray());
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                double cosine = DenseSolver.dot(points[i], points[k])
                        / Math.sqrt(DenseSolver.dot(points[i], points[i]) * DenseSolver.dot(points[k], points[k]));
                gram[i][k] = i == k ? 0.5 : cosine * (Math.PI - Math.acos(cosine)) / (2 * Math.PI);
            }
        }
        double all = energy(gram, positive, -1);
        double[] expected = new double[positive];
        Arrays.setAll(expected, out -> all - energy(gram, positive, out));
        assertThat(ComplexityGap.gaps(gram, positive)).containsExactly(expected, within(1e-8));
    }

    /** yᵀH⁻¹y without a sample. */
    private static double energy(double[][] gram, int positive, int out) {
        int[] kept = IntStream.range(0, gram.length).filter(i -> i != out).toArray();
        double[] y = Arrays.stream(kept).mapToDouble(i -> i < positive ? 1 : -1).toArray();
        double[][] matrix = Arrays.stream(kept)
                .mapToObj(i -> Arrays.stream(kept).mapToDouble(k -> gram[i][k]).toArray())
                .toArray(double[][]::new);
        return DenseSolver.dot(y, DenseSolver.solve(matrix, y));
    }

    /** Class 0 stands against two of four others; ten draws are nearer to a hundred than one is. */
    @Test
    void repetitionsAverageOverTheOthers() {
        Random random = new Random(5);
        float[] images = new float[6 * 4];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        int[] labels = {0, 0, 1, 1, 1, 1};
        double once = ComplexityGap.scores(images, 4, labels, new Setting(1, 1e-8), 3)[0];
        assertThat(ComplexityGap.scores(images, 4, labels, new Setting(1, 1e-8), 3)[0])
                .isEqualTo(once);
        double often = ComplexityGap.scores(images, 4, labels, new Setting(1000, 1e-8), 4)[0];
        double other = ComplexityGap.scores(images, 4, labels, new Setting(1000, 1e-8), 5)[0];
        assertThat(often).isNotEqualTo(other).isCloseTo(other, within(0.1 * other));
        assertThat(Math.abs(often - once)).isGreaterThan(Math.abs(often - other));
    }

    @Test
    void duplicatesAndBlackImagesDoNoHarm() {
        float[] images = {1, 2, 1, 2, 0, 0, 5, 1};
        assertThat(Arrays.stream(ComplexityGap.scores(images, 2, new int[] {0, 0, 1, 1}, Setting.DEFAULT, 1)))
                .allMatch(score -> score >= 0 && Double.isFinite(score));
        assertThatThrownBy(() -> ComplexityGap.scores(images, 2, new int[] {0, 0, 1, 1}, EXACT, 1))
                .hasMessageContaining("positive definite");
        assertThatThrownBy(() -> new Setting(0, 0)).hasMessage("repetitions is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new Setting(1, -1)).hasMessage("jitter is -1.0, allowed: finite, ≥ 0");
    }
}
