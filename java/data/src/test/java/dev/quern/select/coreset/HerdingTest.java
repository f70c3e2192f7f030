package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.coreset.Herding.Rule;
import dev.quern.select.sampling.StaticRandom;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HerdingTest {
    /** Mean 2: 2 is taken first, then 3 (mean 2.5) or 1 (1.5) tie and the lower index wins, then its counterpart. */
    private static final float[] LINE = {5, 1, 2, 3, -1};

    @Test
    void theNextSampleIsTheOneThatKeepsTheMean() {
        Herding herding = new Herding(LINE, 1, new int[5], Quota.GLOBAL, Rule.NEAREST);
        assertThat(herding.select(0.2)).containsExactly(2);
        assertThat(herding.select(0.4)).containsExactly(1, 2);
        assertThat(herding.select(0.6)).containsExactly(1, 2, 3);
        assertThat(herding.select(1)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void theReleasedRuleTakesOutliers() {
        assertThat(new Herding(LINE, 1, new int[5], Quota.GLOBAL, Rule.FARTHEST).select(0.4))
                .containsExactly(0, 3);
    }

    @Test
    void theMeanOfTheChosenIsCloserThanThatOfARandomSubset() {
        Random random = new Random(Seed.of("theMeanOfTheChosenIsCloserThanThatOfARandomSubset"));
        int dimension = 8;
        float[] features = new float[200 * dimension];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        int[] chosen = new Herding(features, dimension, new int[200], Quota.GLOBAL, Rule.NEAREST).select(0.1);
        int[] other = new StaticRandom(200, 0.1, 1).select(0);
        assertThat(gap(features, dimension, chosen)).isLessThan(0.2 * gap(features, dimension, other));
    }

    private static double gap(float[] features, int dimension, int[] chosen) {
        double sum = 0;
        for (int d = 0; d < dimension; d++) {
            double all = 0;
            double some = 0;
            for (int i = d; i < features.length; i += dimension) {
                all += features[i];
            }
            for (int i : chosen) {
                some += features[i * dimension + d];
            }
            double gap = all / (features.length / dimension) - some / chosen.length;
            sum += gap * gap;
        }
        return Math.sqrt(sum);
    }

    @Test
    void aQuotaHerdsWithinTheClasses() {
        float[] features = {0, 10, 20, 100, 110, 120};
        int[] labels = {0, 0, 0, 1, 1, 1};
        assertThat(new Herding(features, 1, labels, Quota.CLASS_BALANCED, Rule.NEAREST).select(0.34))
                .containsExactly(1, 4);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new Herding(new float[3], 2, new int[2], Quota.GLOBAL, Rule.NEAREST))
                .hasMessageContaining("features has 3 values for 2 labels and dimension 2");
        assertThatThrownBy(() -> new Herding(new float[] {1, Float.NaN}, 1, new int[2], Quota.GLOBAL, Rule.NEAREST))
                .hasMessage("features[1,0] is NaN, allowed: finite");
    }
}
