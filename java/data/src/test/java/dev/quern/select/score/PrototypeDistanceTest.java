package dev.quern.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrototypeDistanceTest {
    /** Two bundles of directions, whose centres are (1, 0) and (0, 1) by symmetry; the length does not count. */
    @Test
    void directionsFarFromTheirCentreAreHard() {
        float[] embeddings = {2, 0, 1, 0.2f, 1, -0.2f, 0, 5, 0.3f, 1, -0.3f, 1};
        double[] scores = PrototypeDistance.scores(embeddings, 2, 2, 1);
        assertThat(scores[0]).isCloseTo(0, within(1e-12));
        assertThat(scores[3]).isCloseTo(0, within(1e-12));
        assertThat(scores[1]).isCloseTo(1 - 1 / Math.sqrt(1.04), within(1e-7));
        assertThat(scores[2]).isCloseTo(scores[1], within(1e-7));
        assertThat(scores[4]).isCloseTo(1 - 1 / Math.sqrt(1.09), within(1e-7));
    }

    @Test
    void asManyCentresAsPointsLeaveNoDistance() {
        assertThat(PrototypeDistance.scores(new float[] {1, 0, 0, 1, -1, 0}, 2, 3, 1))
                .containsExactly(new double[3], within(1e-12));
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> PrototypeDistance.scores(new float[4], 2, 3, 0))
                .hasMessage("centres is 3, allowed: 1 … 2");
        assertThatThrownBy(() -> PrototypeDistance.scores(new float[] {1, Float.NaN}, 2, 1, 0))
                .hasMessage("features[0,1] is NaN, allowed: finite");
    }
}
