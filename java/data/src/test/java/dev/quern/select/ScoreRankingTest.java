package dev.quern.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import dev.quern.select.GumbelTopK.Quota;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreRankingTest {
    @Test
    void theLargestScoresAreKeptAndTiesGoToTheLowerIndex() {
        double[] scores = {0.0, 3, -0.0, Double.POSITIVE_INFINITY, -1, 0.0};
        ScoreRanking ranking = new ScoreRanking("el2n", scores, new int[6], Quota.GLOBAL);
        assertThat(ranking.name()).isEqualTo("el2n");
        assertThat(ranking.select(0.5)).containsExactly(0, 1, 3);
        assertThat(ranking.select(0.67)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aQuotaPerClassKeepsTheShareOfEveryClass() {
        double[] scores = {9, 8, 7, 6, 1, 2};
        int[] labels = {0, 0, 0, 0, 1, 1};
        assertThat(new ScoreRanking("el2n", scores, labels, Quota.CLASS_BALANCED).select(0.5))
                .containsExactly(0, 1, 5);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.3, 0.5, 0.77, 1})
    void noSampleLeftOutBeatsOneKept(double ratio) {
        double[] scores =
                new Random(Seed.of("noSampleLeftOutBeatsOneKept")).doubles(101).toArray();
        int[] kept = new ScoreRanking("el2n", scores, new int[101], Quota.GLOBAL).select(ratio);
        double least = Arrays.stream(kept).mapToDouble(i -> scores[i]).min().orElseThrow();
        assertThat(Arrays.stream(scores).filter(score -> score >= least).count())
                .isEqualTo(kept.length)
                .isEqualTo(Math.round(101 * ratio));
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new ScoreRanking("el2n", new double[] {Double.NaN}, new int[1], Quota.GLOBAL))
                .hasMessage("el2n scores[0] is NaN, allowed: numbers");
        assertThatThrownBy(() -> new ScoreRanking("el2n", new double[2], new int[1], Quota.GLOBAL))
                .hasMessage("labels has 1 entries, allowed: 2, one per score");
        assertThatThrownBy(() -> new ScoreRanking("el2n", new double[1], new int[1], Quota.GLOBAL).select(0))
                .hasMessage("ratio is 0.0, allowed: above 0, at most 1");
    }
}
