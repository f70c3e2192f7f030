package dev.quern.select.coreset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ModerateCoresetTest {
    /** Class medians 2 and 11.5; distances 2, 1, 0, 6, 1 and 1.5, 1.5. */
    @Test
    void theMiddleOfAllDistancesIsKept() {
        float[] features = {0, 1, 2, 8, 3, 10, 13};
        int[] labels = {0, 0, 0, 0, 0, 1, 1};
        ModerateCoreset moderate = new ModerateCoreset(features, 1, labels);
        assertThat(moderate.select(1.0 / 7)).containsExactly(5);
        assertThat(moderate.select(3.0 / 7)).containsExactly(4, 5, 6);
        assertThat(moderate.select(5.0 / 7)).containsExactly(0, 1, 4, 5, 6);
        assertThat(moderate.select(1)).hasSize(7);
    }

    @Test
    void emptyClassesTakeNoPart() {
        assertThat(new ModerateCoreset(new float[] {1, 2, 3, 4}, 2, new int[] {0, 3}).select(0.5))
                .containsExactly(0);
    }
}
