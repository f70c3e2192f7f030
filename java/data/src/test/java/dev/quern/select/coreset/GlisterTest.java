package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.coreset.Glister.Setting;
import dev.quern.select.coreset.Glister.Update;
import dev.quern.select.score.LastLayerGradients;
import dev.quern.select.score.LastLayerGradientsTest;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GlisterTest {
    private static final Setting STATIC = new Setting(Update.NONE, 0.1);

    /** Undecided predictions of label 0: gradients (−½, ½) ⊗ [h, 1]; agreement with the mean of h, 1, grows with h. */
    private static final LastLayerGradients LINE = line(0, 1, 3, 0);

    private static LastLayerGradients line(float... features) {
        float[] even = new float[2 * features.length];
        Arrays.fill(even, 0.5f);
        return new LastLayerGradients(even, 2, features, 1, new int[features.length]);
    }

    @Test
    void withoutUpdatesItRanksByAgreementWithTheMean() {
        Glister glister = new Glister(LINE, LINE, Quota.GLOBAL, STATIC);
        assertThat(glister.gains(new int[] {0, 1, 2, 3}, new int[0]))
                .containsExactly(new double[] {0.5, 1, 2, 0.5}, within(1e-12));
        assertThat(glister.select(0.5)).containsExactly(1, 2);
        assertThat(glister.select(0.75)).containsExactly(0, 1, 2);
        assertThat(glister.name()).isEqualTo("glister");
    }

    /** After a step of 1 along sample 2, (−½, ½) ⊗ [3, 1], a sample with feature h has the logits ±½(3h + 1). */
    @Test
    void anUpdateLooksAtWhatIsLeftToLearn() {
        Glister glister = new Glister(LINE, LINE, Quota.GLOBAL, new Setting(Update.TAYLOR, 1));
        double[] left = Arrays.stream(new double[] {0, 1, 3, 0})
                .map(h -> 1 / (1 + Math.exp(3 * h + 1)))
                .toArray();
        double bias = Arrays.stream(left).sum() / 4;
        double slope = (left[1] + 3 * left[2]) / 4;
        assertThat(glister.gains(new int[] {0, 1, 2, 3}, new int[] {2}))
                .containsExactly(new double[] {bias, bias + slope, bias + 3 * slope, bias}, within(1e-7));
    }

    /** Dense gradients, logits of a linear layer before and after its weights take the step. */
    @Test
    void theGainsAreThoseOfALinearLayer() {
        Random random = new Random(Seed.of("theGainsAreThoseOfALinearLayer"));
        LastLayerGradients train = LastLayerGradientsTest.random(random, 30, 4, 6);
        LastLayerGradients validation = LastLayerGradientsTest.random(random, 20, 4, 6);
        Glister glister = new Glister(train, validation, Quota.GLOBAL, new Setting(Update.TAYLOR, 0.3));
        int[] judges = IntStream.range(0, 20).toArray();
        int[] taken = {3, 8, 20};
        float[] dense = train.dense();
        double[] gradient = new double[4 * 7];
        for (int i : judges) {
            double[] exponentials = new double[4];
            for (int k = 0; k < 4; k++) {
                double logit = Math.log(validation.probability(i, k));
                for (int d = 0; d < 7; d++) {
                    double step = 0;
                    for (int t : taken) {
                        step += dense[t * 28 + k * 7 + d] / 3.0;
                    }
                    logit -= 0.3 * step * validation.input(i, d);
                }
                exponentials[k] = Math.exp(logit);
            }
            double total = Arrays.stream(exponentials).sum();
            for (int place = 0; place < 28; place++) {
                int k = place / 7;
                double error = exponentials[k] / total - (k == validation.label(i) ? 1 : 0);
                gradient[place] += error * validation.input(i, place % 7) / 20;
            }
        }
        double[] expected = new double[30];
        for (int place = 0; place < dense.length; place++) {
            expected[place / 28] += dense[place] * gradient[place % 28];
        }
        assertThat(glister.gains(judges, taken)).containsExactly(expected, within(1e-6));
    }

    @Test
    void theFirstPicksAreTheSameAndLaterOnesFollowTheUpdate() {
        Random random = new Random(11);
        LastLayerGradients train = LastLayerGradientsTest.random(random, 200, 4, 6);
        int[] ranked = new Glister(train, train, Quota.GLOBAL, STATIC).select(0.4);
        int[] followed = new Glister(train, train, Quota.GLOBAL, new Setting(Update.TAYLOR, 20)).select(0.4);
        assertThat(followed).hasSize(80).doesNotHaveDuplicates().isSorted().isNotEqualTo(ranked);
        int[] four = new Glister(train, train, Quota.GLOBAL, STATIC).select(0.02);
        assertThat(IntStream.of(followed).boxed())
                .contains(Arrays.stream(four).boxed().toArray(Integer[]::new));
    }

    @Test
    void aQuotaTakesTheShareOfEveryClass() {
        LastLayerGradients train = LastLayerGradientsTest.random(new Random(3), 100, 4, 6);
        int[] chosen = new Glister(train, train, Quota.CLASS_BALANCED, Setting.DEFAULT).select(0.5);
        for (int label = 0; label < 4; label++) {
            int own = label;
            long members =
                    IntStream.range(0, 100).filter(i -> train.label(i) == own).count();
            long kept = IntStream.of(chosen).filter(i -> train.label(i) == own).count();
            assertThat(2 * kept).isBetween(members - 2, members + 2);
        }
    }

    @Test
    void badInputIsNamed() {
        LastLayerGradients other = LastLayerGradientsTest.random(new Random(3), 10, 4, 6);
        assertThatThrownBy(() -> new Glister(LINE, other, Quota.GLOBAL, STATIC))
                .hasMessage(
                        "validation has 4 classes and gradients of 28, allowed: 2 and 4, those of the training samples");
        assertThatThrownBy(() -> new Setting(Update.TAYLOR, 0)).hasMessage("rate is 0.0, allowed: above 0, finite");
    }
}
