package dev.quern.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MovingOneSampleOutTest {
    /** Mean 2; with N = 3: (3·4 − g² + 2·(2g − g²/3)) / 4. */
    @Test
    void scoresAreThoseOfTheFormula() {
        MovingOneSampleOut moso = new MovingOneSampleOut(3);
        moso.add(1, new float[] {1, 2, 3}, 1);
        assertThat(moso.scores())
                .containsExactly(
                        new double[] {(12 - 1 + 4 - 2.0 / 3) / 4, (12 - 4 + 8 - 8.0 / 3) / 4, (12 - 9 + 12 - 6.0) / 4},
                        within(1e-12));
        moso.add(0.5, new float[] {1, 2, 3}, 1);
        assertThat(moso.scores()[2]).isCloseTo(1.5 * 9 / 4, within(1e-12));
    }

    @Test
    void aGradientAgainstAllOthersIsWorthLeast() {
        MovingOneSampleOut moso = new MovingOneSampleOut(4);
        moso.add(0.1, new float[] {1, 0, 1, 0.1f, 0.9f, 0, -1, 0}, 2);
        double[] scores = moso.scores();
        assertThat(scores[3]).isLessThan(scores[0]).isLessThan(scores[1]).isLessThan(scores[2]);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new MovingOneSampleOut(2)).hasMessage("samples is 2, allowed: ≥ 3");
        assertThatThrownBy(() -> new MovingOneSampleOut(3).add(0, new float[3], 1))
                .hasMessage("learningRate is 0.0, allowed: above 0, finite");
    }
}
