package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.DType;
import dev.quern.kernels.Device;
import dev.quern.kernels.NarrowFloats;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.UnsupportedByMachineException;
import java.nio.ByteBuffer;
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
    void sixteenBitFloatsAreWhatTorchTakesThemFor() {
        try (PointerScope scope = new PointerScope();
                NativeBuffer half = NativeBuffer.allocate(DType.FLOAT16, 1);
                NativeBuffer brain = NativeBuffer.allocate(DType.BFLOAT16, 1)) {
            half.bytes().putShort(0, NarrowFloats.floatToFloat16(1.5f));
            brain.bytes().putShort(0, NarrowFloats.floatToBfloat16(1.5f));
            assertThat(TensorMemory.view(half).item_double()).isEqualTo(1.5);
            assertThat(TensorMemory.view(brain).item_double()).isEqualTo(1.5);
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
    void anEmptyTensorHasNoBytes() {
        try (PointerScope scope = new PointerScope()) {
            Tensor empty = torch.zeros(0);
            assertThat(TensorMemory.bytes(empty).capacity()).isZero();
            TensorMemory.fill(empty, ByteBuffer.allocate(0));
        }
    }

    @Test
    void aTensorIsCopiedOutAndFilled() {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = torch.tensor(1f, 2f, 3f).set_requires_grad(true);
            ByteBuffer copy = TensorMemory.copied(tensor);
            assertThat(copy).isEqualTo(TensorMemory.bytes(tensor));
            copy.putFloat(4, 9);
            assertThat(tensor.sum().item_double()).isEqualTo(6);
            TensorMemory.fillByCopy(tensor, copy.duplicate().order(copy.order()));
            assertThat(tensor.sum().item_double()).isEqualTo(13);
            TensorMemory.fill(tensor, copy.putFloat(4, 2));
            assertThat(tensor.sum().item_double()).isEqualTo(6);
        }
    }

    @Test
    void aDeviceThatLibTorchCannotUseSaysWhatIsMissing() {
        TensorMemory.requireDevice(Device.CPU);
        if (!torch.hasCUDA()) {
            assertThatThrownBy(() -> TensorMemory.requireCuda(Device.cuda(0)))
                    .isInstanceOf(UnsupportedByMachineException.class)
                    .hasMessage("cuda:0 is not available to LibTorch: "
                            + "put the pytorch and cuda natives linux-x86_64-gpu on the class path");
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
