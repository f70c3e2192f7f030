package dev.quern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void halfPrecisionWidensExactly() {
        int[] halves = {0x0000, 0x8000, 0x3C00, 0xC000, 0x7BFF, 0x0001, 0x03FF, 0x0400, 0x7C00, 0xFC00, 0x3555};
        float[] expected = {
            0f,
            -0f,
            1f,
            -2f,
            65504f,
            0x1p-24f,
            1023 * 0x1p-24f,
            0x1p-14f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            1365 * 0x1p-12f
        };
        assertThat(narrow(TensorType.F16, halves).toFloats()).containsExactly(expected);
        assertThat(narrow(TensorType.F16, 0x7E00).toFloats()[0]).isNaN();
    }

    @Test
    void bfloat16WidensExactly() {
        assertThat(narrow(TensorType.BF16, 0x3F80, 0xC049, 0x7F80).toFloats())
                .containsExactly(1f, -3.140625f, Float.POSITIVE_INFINITY);
    }

    @Test
    void integersWidenAndAreCheckedWhenTheyNarrow() {
        assertThat(Tensor.of(new byte[] {-1}, 1).toLongs()).containsExactly(255);
        assertThat(Tensor.of(new long[] {7}, 1).toInts()).containsExactly(7);
        assertThatThrownBy(() -> Tensor.of(new long[] {1L << 40}, 1).toInts()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void theWrongTypeIsNamed() {
        assertThatThrownBy(() -> Tensor.of(new int[2], 2).toFloats())
                .hasMessage("array is I32[2], allowed: F32, F16, BF16");
    }

    @Test
    void aShapeThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3)).hasMessageContaining("bytes holds 20 bytes");
        assertThatThrownBy(() -> Tensor.of(new float[5], -5)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Tensor narrow(TensorType type, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return new Tensor(type, new long[] {values.length}, bytes.flip());
    }
}
