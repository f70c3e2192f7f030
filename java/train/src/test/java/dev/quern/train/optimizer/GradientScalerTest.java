package dev.quern.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.nn.TensorMemory;
import java.io.IOException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GradientScalerTest {
    private final GradientScaler scaler = new GradientScaler();

    /** Steps with gradients 3·scale and {@code last}. */
    private boolean step(float last) {
        try (PointerScope scope = new PointerScope()) {
            Tensor three = scaler.scaled(TensorMemory.copyOf(new float[] {3}));
            Tensor gradients = TensorMemory.copyOf(new float[] {TensorMemory.floats(three)[0], last});
            boolean finite = scaler.unscale(gradients);
            assertThat(TensorMemory.floats(gradients)[0]).isEqualTo(3);
            return finite;
        }
    }

    private void finiteSteps(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(step(1)).isTrue();
        }
    }

    @Test
    void theScaleDoublesAfterTwoThousandFiniteStepsInARow() {
        finiteSteps(1999);
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(65_536, 0));
        finiteSteps(1);
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(131_072, 0));
        finiteSteps(1999);
        assertThat(step(Float.NaN)).isFalse();
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(65_536, 1));
        finiteSteps(1999);
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(65_536, 1));
    }

    @Test
    void everyOverflowHalvesTheScale() {
        assertThat(step(Float.POSITIVE_INFINITY)).isFalse();
        assertThat(step(Float.NEGATIVE_INFINITY)).isFalse();
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(16_384, 2));
        assertThat(step(0)).isTrue();
        assertThat(scaler.lossScale()).isEqualTo(new LossScale(16_384, 2));
    }

    @Test
    void theScaleStaysAFloat32() throws IOException {
        scaler.restore(new double[] {0x1p127, 1999, 0});
        try (PointerScope scope = new PointerScope()) {
            assertThat(scaler.unscale(TensorMemory.copyOf(new float[] {1}))).isTrue();
        }
        assertThat(scaler.lossScale().scale()).isEqualTo(0x1p127);
    }

    @Test
    void aStateThatNoneHasIsRefused() {
        for (double[] state :
                new double[][] {{0, 0, 0}, {Double.NaN, 0, 0}, {2, 2000, 0}, {2, 0, -1}, {2, Double.NaN, 0}}) {
            assertThatThrownBy(() -> scaler.restore(state))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("checkpoint: tensor 'scaler' holds [");
        }
    }

    @Test
    void itsStateContinues() throws IOException {
        step(Float.NaN);
        finiteSteps(1998);
        GradientScaler other = new GradientScaler();
        other.restore(scaler.state());
        finiteSteps(2);
        try (PointerScope scope = new PointerScope()) {
            other.unscale(TensorMemory.copyOf(new float[] {1}));
            other.unscale(TensorMemory.copyOf(new float[] {1}));
        }
        assertThat(other.state()).isEqualTo(scaler.state()).containsExactly(65_536, 0, 1);
    }
}
