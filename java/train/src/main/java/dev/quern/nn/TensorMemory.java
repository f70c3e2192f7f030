package dev.quern.nn;

import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Lets tensors and native buffers look at the same memory; whoever made the memory must outlive the view. */
public final class TensorMemory {
    private TensorMemory() {}

    /** A tensor over a buffer's memory, with the buffer's shape. */
    public static Tensor view(NativeBuffer buffer) {
        return torch.from_blob(new Address(buffer.address(), buffer.size()), buffer.shape(), options(buffer.dtype()));
    }

    /** A float32 tensor of its own with these values. */
    public static Tensor copyOf(float[] values) {
        return torch.tensor(values);
    }

    /** A copy of a float32 tensor on the heap. */
    public static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        try (Tensor dense = tensor.contiguous()) {
            bytes(dense).asFloatBuffer().get(values);
        }
        return values;
    }

    /** A tensor [B,3,H,W] in channels-last order over the first {@code batch} images of a buffer [B,H,W,3]. */
    public static Tensor channelsLast(NativeBuffer images, long batch) {
        long height = images.dimension(1);
        long width = images.dimension(2);
        long channels = images.dimension(3);
        long[] shape = {batch, channels, height, width};
        long[] strides = {height * width * channels, 1, width * channels, channels};
        Pointer start = new Address(images.address(), images.size());
        return torch.from_blob(start, shape, strides, options(images.dtype()));
    }

    /** The memory of a contiguous tensor, native byte order; valid as long as the tensor. */
    public static ByteBuffer bytes(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("tensor is strided, allowed: contiguous");
        }
        long count = tensor.numel() * tensor.element_size();
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor is " + count + " bytes, allowed: at most " + Integer.MAX_VALUE);
        }
        try (Pointer start = tensor.data_ptr()) {
            return new Address(start.address(), count).asByteBuffer().order(ByteOrder.nativeOrder());
        }
    }

    private static TensorOptions options(DType dtype) {
        return new TensorOptions(
                switch (dtype) {
                    case UINT8 -> ScalarType.Byte;
                    case BFLOAT16 -> ScalarType.BFloat16;
                    case INT32 -> ScalarType.Int;
                    case FLOAT32 -> ScalarType.Float;
                    case INT64 -> ScalarType.Long;
                    case FLOAT64 -> ScalarType.Double;
                });
    }

    /** Memory of somebody else: frees nothing. */
    private static final class Address extends Pointer {
        Address(long address, long capacity) {
            super((Pointer) null);
            this.address = address;
            this.capacity = capacity;
            this.limit = capacity;
        }

        /** Counts bytes, where a subclass of Pointer counts addresses. */
        @Override
        public int sizeof() {
            return 1;
        }
    }
}
