package dev.quern.adaptive.ada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.TensorMemory;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class RewardScaleTest {
    @Test
    void theFirstBatchIsScaledByItselfAndLaterOnesByTheirMeans() {
        RewardScale scale = new RewardScale();
        // Mean 2, standard deviation √2 (of n − 1).
        assertScaled(scale, new float[] {1, 3}, -1 / Math.sqrt(2), 1 / Math.sqrt(2));
        // Batch means 2, 4: mean 3, S = (4 − 2)·(4 − 3) = 2, deviation √(2/2) = 1.
        assertScaled(scale, new float[] {4, 4}, 1, 1);
        // Batch means 2, 4, 6: mean 4, S = 2 + (6 − 3)·(6 − 4) = 8, deviation √(8/3).
        assertScaled(scale, new float[] {0, 12}, -4 / Math.sqrt(8.0 / 3), 8 / Math.sqrt(8.0 / 3));
    }

    @Test
    void itsStateContinues() {
        RewardScale one = new RewardScale();
        assertScaled(one, new float[] {1, 3}, -1 / Math.sqrt(2), 1 / Math.sqrt(2));
        RewardScale other = new RewardScale();
        other.restore(one.state());
        assertScaled(other, new float[] {4, 4}, 1, 1);
    }

    private static void assertScaled(RewardScale scale, float[] rewards, double... expected) {
        try (PointerScope scope = new PointerScope()) {
            FloatBuffer found = TensorMemory.bytes(scale.apply(TensorMemory.copyOf(rewards)))
                    .asFloatBuffer();
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) found.get(i)).isCloseTo(expected[i], within(1e-6));
            }
        }
    }
}
