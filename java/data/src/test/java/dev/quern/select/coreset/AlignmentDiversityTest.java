package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.kernels.Engine;
import dev.quern.kernels.NotFiniteException;
import dev.quern.random.Philox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlignmentDiversityTest {
    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open(Engine.Options.DEFAULT.withThreads(2));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void scoresAreScaledToTheUnitInterval() {
        AlignmentDiversity scores = AlignmentDiversity.ofRaw(new double[] {-1, 3, 1}, new double[] {5, 5, 5});
        assertThat(scores.semanticAlignment()).containsExactly(0, 1, 0.5);
        assertThat(scores.sampleDiversity()).containsExactly(0, 0, 0);
    }

    @Test
    void theGreatestMeritIsKept() {
        AlignmentDiversity scores = new AlignmentDiversity(new double[] {1, 1, 0, 0.4}, new double[] {0, 1, 1, 0});
        assertThat(scores.merit())
                .containsExactly(new double[] {1 / 0.6, 1 / 0.6 + 0.2, 0.2, 0.4 / 0.6}, within(1e-12));
        assertThat(scores.select(0.25)).containsExactly(1);
        assertThat(scores.select(0.75)).containsExactly(0, 1, 3);
        assertThat(scores.select(0.01)).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1})
    void theOptimiserConvergesToTheClosedForm(double ratio) {
        double[] merit = scores(4000).merit();
        StraightThroughSelection found = StraightThroughSelection.of(engine, merit, ratio);
        assertThat(found.iterations()).isPositive();
        assertThat(found.selected().length / 4000.0).isCloseTo(ratio, within(5e-4));
        assertThat(found.selected()).isEqualTo(AlignmentDiversity.best(merit, found.selected().length));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, Double.NaN, -0.5})
    void ratiosThatSelectNothingOrAllAreRefused(double ratio) {
        assertThatThrownBy(() -> scores(10).select(ratio)).hasMessageContaining("ratio is " + ratio);
        assertThatThrownBy(() -> StraightThroughSelection.of(engine, new double[10], ratio))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOptimiserThatCannotConvergeSaysSo() {
        assertThatThrownBy(() -> StraightThroughSelection.of(engine, new double[] {3, 3, 3, 3}, 0.5))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keeps 4 of 4");
    }

    @Test
    void theOptimiserRefusesAMeritThatIsNotFinite() {
        assertThatThrownBy(() -> StraightThroughSelection.of(engine, new double[] {1, Double.NaN, 1, 1}, 0.5))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("gate[1] is nan");
    }

    @Test
    void scoresThatAreNotFiniteOrOfOtherLengthAreRefused() {
        assertThatThrownBy(() -> AlignmentDiversity.ofRaw(new double[] {1, Double.NaN}, new double[2]))
                .hasMessageContaining("semanticAlignment[1] is NaN");
        assertThatThrownBy(() -> AlignmentDiversity.ofRaw(new double[2], new double[3]))
                .hasMessageContaining("sampleDiversity has 3 entries");
    }

    private static AlignmentDiversity scores(int samples) {
        double[] alignment = new double[samples];
        double[] diversity = new double[samples];
        for (int i = 0; i < samples; i++) {
            alignment[i] = 0.5 + 0.5 * Philox.uniformFloat(7, 0, i, 0);
            diversity[i] = Philox.uniformFloat(7, 0, i, 1);
        }
        return new AlignmentDiversity(alignment, diversity);
    }
}
