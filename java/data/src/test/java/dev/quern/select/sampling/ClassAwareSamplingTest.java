package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassAwareSamplingTest {
    /** Class 0 has 70 samples, class 1 has 7, class 2 none, class 3 has 3. */
    private static final int[] LABELS =
            IntStream.range(0, 80).map(i -> i < 70 ? 0 : i < 77 ? 1 : 3).toArray();

    private static final int TURN = 4;
    private static final int ROUND = 3 * TURN;

    @Test
    void everyClassHasATurnInEveryRound() {
        int[] order = order(new ClassAwareSampling(LABELS, TURN, 10 * ROUND, 1), 0);
        for (int round = 0; round < 10; round++) {
            int[] turns = new int[3];
            for (int turn = 0; turn < 3; turn++) {
                int first = round * ROUND + turn * TURN;
                int label = LABELS[order[first]];
                turns[turn] = label;
                for (int i = 1; i < TURN; i++) {
                    assertThat(LABELS[order[first + i]])
                            .as("visit %d", first + i)
                            .isEqualTo(label);
                }
            }
            assertThat(turns).as("round %d", round).containsExactlyInAnyOrder(0, 1, 3);
        }
    }

    @Test
    void roundsHaveOrdersOfTheirOwn() {
        ClassAwareSampling sampling = new ClassAwareSampling(LABELS, 1, 3 * 200, 1);
        int[] order = order(sampling, 0);
        int[] firsts = new int[4];
        for (int round = 0; round < 200; round++) {
            firsts[LABELS[order[3 * round]]]++;
        }
        assertThat(firsts[2]).isZero();
        for (int label : new int[] {0, 1, 3}) {
            assertThat(firsts[label]).as("rounds that class %d begins", label).isBetween(40, 95);
        }
    }

    @Test
    void theSamplesOfAClassTakeTurnsToo() {
        int[] visits = new int[LABELS.length];
        for (int sample : order(new ClassAwareSampling(LABELS, TURN, 7 * ROUND, 3), 2)) {
            visits[sample]++;
        }
        assertThat(Arrays.stream(visits, 0, 70).sum()).isEqualTo(28);
        assertThat(Arrays.stream(visits, 0, 70)).containsOnly(0, 1);
        assertThat(Arrays.stream(visits, 70, 77)).containsOnly(4);
        assertThat(Arrays.stream(visits, 77, 80)).containsOnly(9, 10);
    }

    @Test
    void everySampleOfALargeClassIsAsLikely() {
        int[] visits = new int[LABELS.length];
        for (int epoch = 0; epoch < 500; epoch++) {
            for (int sample : order(new ClassAwareSampling(LABELS, TURN, 5 * ROUND, 9), epoch)) {
                visits[sample]++;
            }
        }
        double expected = 500 * 20 / 70.0;
        for (int sample = 0; sample < 70; sample++) {
            assertThat(visits[sample] - expected)
                    .as("visits of sample %d beyond the mean", sample)
                    .isBetween(-5 * Math.sqrt(expected), 5 * Math.sqrt(expected));
        }
    }

    @Test
    void anEpochIsTheSameWheneverItIsAskedForAndEndsWithinATurn() {
        ClassAwareSampling sampling = new ClassAwareSampling(LABELS, TURN, 41, 5);
        int[] order = order(sampling, 6);
        assertThat(order).hasSize(41).isEqualTo(order(sampling, 6)).isNotEqualTo(order(sampling, 7));
        assertThat(order).isNotEqualTo(order(new ClassAwareSampling(LABELS, TURN, 41, 6), 6));
        assertThat(sampling.select(6)).isSorted().containsExactlyInAnyOrder(order);
    }

    @Test
    void theReleasedEpochGivesTheLargestClassOneVisitEach() {
        assertThat(ClassAwareSampling.wholeRounds(LABELS)).isEqualTo(3 * 70);
        int[] order = order(new ClassAwareSampling(LABELS, 1, 3 * 70, 5), 0);
        assertThat(Arrays.stream(order).filter(sample -> sample < 70))
                .containsExactlyInAnyOrder(IntStream.range(0, 70).boxed().toArray(Integer[]::new));
    }

    @Test
    void impossibleSettingsAreNamed() {
        assertThatThrownBy(() -> new ClassAwareSampling(new int[0], 4, 1, 0)).hasMessage("samples is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new ClassAwareSampling(LABELS, 0, 1, 0)).hasMessage("perTurn is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new ClassAwareSampling(LABELS, 4, 0, 0)).hasMessage("visits is 0, allowed: ≥ 1");
    }

    private static int[] order(ClassAwareSampling sampling, int epoch) {
        return sampling.order(epoch, sampling.select(epoch), 0);
    }
}
