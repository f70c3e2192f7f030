package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.coreset.D2Pruning.Neighbors;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class D2PruningTest {
    private static final double GAMMA = 0.5;

    @Test
    void aTakenSampleLowersItsNeighbour() {
        Neighbors chain = new Neighbors(new long[] {1, 2, 1}, new float[] {0, 0, (float) Math.log(2)});
        D2Pruning pruning = new D2Pruning(new double[] {1, 2, 3}, chain, 0, 1, new int[3], Quota.GLOBAL);
        assertThat(pruning.gathered()).containsExactly(new double[] {3, 5, 4}, within(1e-6));
        assertThat(pruning.select(0.67)).containsExactly(0, 1);
    }

    @Test
    void theHardestSampleIsDropped() {
        Neighbors none = new Neighbors(new long[] {-1, -1, -1}, new float[3]);
        assertThat(new D2Pruning(new double[] {1, 2, 3}, none, 0.34, 1, new int[3], Quota.GLOBAL).select(0.33))
                .containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.3, 0.6, 1})
    void takesWhatTheDenseGraphTakes(double ratio) {
        Random random = new Random(Seed.of("takesWhatTheDenseGraphTakes"));
        int n = 40;
        int k = 4;
        double[] difficulty = random.doubles(n, 0, 5).toArray();
        long[] indices = new long[n * k];
        float[] distances = new float[n * k];
        double[][] distance = new double[n][n];
        for (int i = 0; i < n; i++) {
            int[] others = random.ints(0, n).distinct().limit(k + 1).toArray();
            for (int e = 0; e < k; e++) {
                int j = others[e] == i ? others[k] : others[e];
                indices[i * k + e] = j;
                distances[i * k + e] = 0.1f + 2 * random.nextFloat();
                distance[i][j] = distances[i * k + e];
            }
        }
        int[] expected = dense(difficulty, distance, (int) Math.round(n * ratio));
        Neighbors neighbors = new Neighbors(indices, distances);
        assertThat(new D2Pruning(difficulty, neighbors, 0, GAMMA, new int[n], Quota.GLOBAL).select(ratio))
                .containsExactly(expected);
    }

    @Test
    void aQuotaPerClassKeepsTheShareOfEveryClass() {
        Neighbors none = new Neighbors(new long[] {-1, -1, -1, -1}, new float[4]);
        int[] labels = {0, 0, 1, 1};
        assertThat(new D2Pruning(new double[] {4, 3, 1, 2}, none, 0, 1, labels, Quota.CLASS_BALANCED).select(0.5))
                .containsExactly(0, 3);
    }

    @Test
    void withAQuotaPerClassOneClassDoesNotLowerAnother() {
        Neighbors across = new Neighbors(new long[] {2, -1, -1, -1}, new float[4]);
        int[] labels = {0, 0, 1, 1};
        assertThat(new D2Pruning(new double[] {9, 1, 2, 1}, across, 0, 1, labels, Quota.CLASS_BALANCED).select(0.5))
                .containsExactly(0, 2);
    }

    @Test
    void badInputIsNamed() {
        Neighbors far = new Neighbors(new long[] {1}, new float[1]);
        assertThatThrownBy(() -> new D2Pruning(new double[1], far, 0, 1, new int[1], Quota.GLOBAL))
                .hasMessage("neighbour 0 is 1 at distance 0.0, allowed: −1 … 0, ≥ 0 and finite");
        Neighbors none = new Neighbors(new long[0], new float[0]);
        assertThatThrownBy(() -> new D2Pruning(new double[] {-1}, none, 0, 1, new int[1], Quota.GLOBAL))
                .hasMessage("difficulty holds -1.0, allowed: ≥ 0");
        assertThatThrownBy(() -> new D2Pruning(new double[1], none, 0, -1, new int[1], Quota.GLOBAL))
                .hasMessage("gamma is -1.0, allowed: ≥ 0, finite");
        assertThatThrownBy(() -> new D2Pruning(new double[2], none, 0, 1, new int[1], Quota.GLOBAL))
                .hasMessage("labels and difficulty have 1 and 2 entries, allowed: as many of each, ≥ 1");
    }

    /** Greedy over full matrices of weights, 0 where there is no edge. */
    private static int[] dense(double[] difficulty, double[][] distance, int count) {
        int n = difficulty.length;
        double[] priority = new double[n];
        for (int i = 0; i < n; i++) {
            int row = i;
            priority[i] = difficulty[i]
                    + IntStream.range(0, n)
                            .filter(j -> distance[row][j] > 0)
                            .mapToDouble(j -> difficulty[j] / Math.exp(distance[row][j]))
                            .sum();
        }
        TreeSet<Integer> left = new TreeSet<>(IntStream.range(0, n).boxed().toList());
        while (left.size() > n - count) {
            int best = left.stream()
                    .reduce((a, b) -> priority[b] > priority[a] ? b : a)
                    .orElseThrow();
            left.remove(best);
            double taken = priority[best];
            for (int j = 0; j < n; j++) {
                priority[j] -= distance[best][j] > 0 ? taken / Math.exp(GAMMA * distance[best][j]) : 0;
            }
        }
        return IntStream.range(0, n).filter(i -> !left.contains(i)).toArray();
    }
}
