package dev.quern.adaptive.teach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.TensorMemory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SlicedWassersteinTest {
    @Test
    void projectionsAreComparedInTheirOrderAtEachPlace() {
        try (PointerScope scope = new PointerScope()) {
            Tensor before = TensorMemory.copyOf(new float[] {0, 5, 5, 1, 7, 7}).view(2, 3, 1, 1);
            Tensor after = TensorMemory.copyOf(new float[] {3, 0, 0, 1, 0, 0}).view(2, 3, 1, 1);
            Tensor first = TensorMemory.copyOf(new float[] {1, 0, 0}).view(3, 1);
            // 0, 1 and 1, 3: (1² + 2²) / 2.
            assertThat(SlicedWasserstein.between(before, after, first).item_double())
                    .isCloseTo(2.5, within(1e-6));
        }
    }

    @Test
    void directionsHaveLengthOneAndChangeWithTheStep() {
        try (PointerScope scope = new PointerScope()) {
            Tensor directions = directions(2);
            for (float square : TensorMemory.floats(directions.mul(directions).sum(0))) {
                assertThat(square).isCloseTo(1, within(1e-5f));
            }
            assertThat(TensorMemory.floats(directions(2))).isEqualTo(TensorMemory.floats(directions));
            assertThat(TensorMemory.floats(directions(3))).isNotEqualTo(TensorMemory.floats(directions));
        }
    }

    private static Tensor directions(long step) {
        return SlicedWasserstein.directions(50, 1, step, 80, TensorMemory.copyOf(new float[1]));
    }
}
