package dev.quern.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CholeskyTest {
    @Test
    void aTwoByTwoIsWorkedByHand() {
        Cholesky factor = new Cholesky(new double[][] {{4, Double.NaN}, {2, 5}});
        assertThat(factor.solve(new double[] {8, 12})).containsExactly(new double[] {1, 2}, within(1e-15));
        assertThat(factor.inverseDiagonal()).containsExactly(new double[] {5 / 16.0, 4 / 16.0}, within(1e-15));
    }

    @Test
    void itSolvesAsEliminationDoes() {
        Random random = new Random(Seed.of("itSolvesAsEliminationDoes"));
        int n = 60;
        double[][] points = new double[n][n];
        double[][] matrix = new double[n][n];
        double[] b = random.doubles(n).toArray();
        for (int i = 0; i < n; i++) {
            points[i] = random.doubles(n).toArray();
            for (int k = 0; k <= i; k++) {
                matrix[i][k] = matrix[k][i] = DenseSolver.dot(points[i], points[k]) + (i == k ? 1 : 0);
            }
        }
        double[] expected = DenseSolver.solve(matrix, b);
        double[] diagonal = new double[n];
        for (int i = 0; i < n; i++) {
            double[] unit = new double[n];
            unit[i] = 1;
            diagonal[i] = DenseSolver.solve(matrix, unit)[i];
        }
        Cholesky factor = new Cholesky(matrix);
        assertThat(factor.solve(b)).containsExactly(expected, within(1e-9));
        assertThat(factor.inverseDiagonal()).containsExactly(diagonal, within(1e-9));
    }

    @Test
    void aMatrixThatIsNotPositiveDefiniteIsRefused() {
        assertThatThrownBy(() -> new Cholesky(new double[][] {{1, 0}, {2, 4}}))
                .hasMessage("matrix has the pivot 0.0 at 1, allowed: above 0 (positive definite)");
    }
}
