package dev.quern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.kernels.Engine;
import dev.quern.select.AlignmentDiversity;
import org.junit.jupiter.api.Test;

class EmbeddingScoresTest {
    private static final float[] IMAGES = {1, 0, 2, 0, 0, 1, 0, 1, 3, 4};
    private static final float[] TEXTS = {1, 0, 0, 1};
    private static final int[] LABELS = {0, 0, 1, 1, 1};

    @Test
    void scoresEqualACaseWorkedByHand() {
        try (Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(1))) {
            AlignmentDiversity scores = EmbeddingScores.of(engine, IMAGES, TEXTS, LABELS, 2);
            assertThat(scores.semanticAlignment()).containsExactly(new double[] {1, 1, 1, 1, 0}, within(1e-6));
            double farthest = Math.sqrt(18);
            assertThat(scores.sampleDiversity())
                    .containsExactly(new double[] {1 / farthest, 1 / farthest, 0, 0, 1}, within(1e-6));
            assertThat(scores.select(0.4)).containsExactly(0, 1);
        }
    }

    @Test
    void badEmbeddingsAndLabelsAreRefusedByName() {
        refused(IMAGES, TEXTS, new int[] {0, 0, 0, 0, 0}, 2, "no sample of class 1");
        refused(IMAGES, TEXTS, new int[] {0, 0, 1, 1, 2}, 2, "labels[4] is 2, allowed: 0 … 1");
        refused(IMAGES, TEXTS, new int[] {0, 1}, 2, "images has 10 values, allowed: 2 labels × 2");
        refused(IMAGES, new float[] {1, 0, 1}, LABELS, 2, "texts has 3 values");
        refused(new float[] {1, 0, 2, 0, 0, Float.NaN, 0, 1, 3, 4}, TEXTS, LABELS, 2, "images has NaN in row 2");
    }

    private static void refused(float[] images, float[] texts, int[] labels, int d, String message) {
        assertThatThrownBy(() -> EmbeddingScores.of(null, images, texts, labels, d))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
