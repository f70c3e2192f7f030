package dev.quern.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.select.score.MovingOneSampleOut.Products;
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

    /** ‖G‖² = 4, ‖g‖² = 1, 4, 9 and ⟨G, g⟩ = 2, 4, 6. */
    @Test
    void theProductsOfGradientsAreEnough() {
        MovingOneSampleOut whole = new MovingOneSampleOut(3);
        whole.add(0.5, new float[] {1, 2, 3}, 1);
        MovingOneSampleOut products = new MovingOneSampleOut(3);
        products.add(0.5, new Products(4, new double[] {1, 4, 9}, new double[] {2, 4, 6}));
        assertThat(products.scores()).containsExactly(whole.scores(), within(1e-12));
        assertThatThrownBy(() -> products.add(1, new Products(1, new double[3], new double[2])))
                .hasMessage("squares and along have 3 and 2 entries, allowed: 3");
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new MovingOneSampleOut(2)).hasMessage("samples is 2, allowed: ≥ 3");
        assertThatThrownBy(() -> new MovingOneSampleOut(3).add(0, new float[3], 1))
                .hasMessage("learningRate is 0.0, allowed: above 0, finite");
    }
}
