package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TensorMemoryTest {

    @Test
    void imagesAreSeenChannelsFirstWithoutACopy() {
        try (PointerScope scope = new PointerScope();
                NativeBuffer images = NativeBuffer.allocate(DType.FLOAT32, 4, 2, 5, 3)) {
            images.bytes().putFloat(4 * (((1 * 2 + 1) * 5 + 3) * 3 + 2), 7);
            Tensor view = TensorMemory.channelsLast(images, 3);
            assertThat(view.shape()).containsExactly(3, 3, 2, 5);
            assertThat(view.is_contiguous(torch.MemoryFormat.ChannelsLast)).isTrue();
            assertThat(view.select(0, 1).select(0, 2).select(0, 1).select(0, 3).item_double())
                    .isEqualTo(7);
            assertThat(view.sum().item_double()).isEqualTo(7);
        }
    }

    @Test
    void bytesOfATensorAreExactlyItsElements() {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = torch.tensor(1f, 2f, 3f);
            assertThat(TensorMemory.bytes(tensor).capacity()).isEqualTo(12);
            assertThat(TensorMemory.bytes(tensor).getFloat(8)).isEqualTo(3);
            TensorMemory.bytes(tensor).putFloat(0, 9);
            assertThat(tensor.sum().item_double()).isEqualTo(14);
        }
    }

    @Test
    void stridedTensorsAreRefused() {
        try (PointerScope scope = new PointerScope()) {
            Tensor transposed = torch.ones(2, 3).t();
            assertThatThrownBy(() -> TensorMemory.bytes(transposed))
                    .hasMessage("tensor is strided, allowed: contiguous");
        }
    }
}
