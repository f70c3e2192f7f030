package dev.quern.nn;

import dev.quern.kernels.Cuda;
import dev.quern.kernels.DType;
import dev.quern.kernels.Device;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.UnsupportedByMachineException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Lets tensors and native buffers look at the same memory, of the host or of a CUDA device; whoever made the memory must outlive the view. The
 * one place where tensors are brought to a device and back.
 */
public final class TensorMemory {
    private TensorMemory() {}

    /** A tensor over a buffer's memory, with the buffer's shape. */
    public static Tensor view(NativeBuffer buffer) {
        return torch.from_blob(new Address(buffer.address(), buffer.size()), buffer.shape(), options(buffer));
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

    /** A float32 tensor with these values where {@code like} lies. */
    public static Tensor copyOf(float[] values, Tensor like) {
        return torch.tensor(values).to(like.device(), ScalarType.Float);
    }

    /** The tensor on a device; itself if it lies there. */
    public static Tensor on(Device device, Tensor tensor) {
        return tensor.to(tensorDevice(device), tensor.scalar_type());
    }

    /**
     * Says why LibTorch cannot compute on a device.
     *
     * @throws UnsupportedByMachineException if it cannot
     */
    public static void requireDevice(Device device) {
        if (tensorsLieOn(device)) {
            requireCuda(device);
        }
    }

    static void requireCuda(Device device) {
        if (!torch.cuda_is_available()) {
            throw new UnsupportedByMachineException(device + " is not available to LibTorch: "
                    + (torch.hasCUDA()
                            ? "it finds no driver or device"
                            : "put the pytorch and cuda natives linux-x86_64-gpu on the class path"));
        }
        if (device.index() >= torch.cuda_device_count()) {
            throw new UnsupportedByMachineException(
                    device + " is not available to LibTorch: it finds " + torch.cuda_device_count() + " devices");
        }
    }

    /** The memory of a simulated device is the host's, and so are the tensors beside it. */
    private static boolean tensorsLieOn(Device device) {
        return device.isCuda() && !Cuda.isSimulated(device);
    }

    private static org.bytedeco.pytorch.Device tensorDevice(Device device) {
        return tensorsLieOn(device)
                ? new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index())
                : new org.bytedeco.pytorch.Device(DeviceType.CPU);
    }

    /** A tensor [B,3,H,W] in channels-last order over the first {@code batch} images of a buffer [B,H,W,3]. */
    public static Tensor channelsLast(NativeBuffer images, long batch) {
        long height = images.dimension(1);
        long width = images.dimension(2);
        long channels = images.dimension(3);
        long[] shape = {batch, channels, height, width};
        long[] strides = {height * width * channels, 1, width * channels, channels};
        Pointer start = new Address(images.address(), images.size());
        return torch.from_blob(start, shape, strides, options(images));
    }

    /** The values of a contiguous tensor, native byte order: on the CPU its memory, valid as long as the tensor, on a device a copy. */
    public static ByteBuffer bytes(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("tensor is strided, allowed: contiguous");
        }
        long count = tensor.numel() * tensor.element_size();
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor is " + count + " bytes, allowed: at most " + Integer.MAX_VALUE);
        }
        if (count == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        if (tensor.is_cuda()) {
            return copied(tensor);
        }
        try (Pointer start = tensor.data_ptr()) {
            return new Address(start.address(), count).asByteBuffer().order(ByteOrder.nativeOrder());
        }
    }

    /** The values of a tensor in memory of their own. */
    public static ByteBuffer copied(Tensor tensor) {
        try (NativeBuffer host = NativeBuffer.allocate(DType.UINT8, tensor.numel() * tensor.element_size());
                PointerScope scope = new PointerScope()) {
            over(host, tensor).copy_(tensor.detach());
            ByteBuffer copy = ByteBuffer.allocateDirect((int) host.size()).order(ByteOrder.nativeOrder());
            return copy.put(host.bytes()).flip();
        }
    }

    /** Gives a contiguous tensor the values that {@link #bytes} would return, wherever it lies. */
    public static void fill(Tensor tensor, ByteBuffer values) {
        if (tensor.is_cuda()) {
            fillByCopy(tensor, values);
        } else {
            bytes(tensor).put(values);
        }
    }

    static void fillByCopy(Tensor tensor, ByteBuffer values) {
        try (NativeBuffer host = NativeBuffer.allocate(DType.UINT8, tensor.numel() * tensor.element_size());
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            host.bytes().put(values);
            tensor.copy_(over(host, tensor));
        }
    }

    /** A tensor over the host's bytes, in the shape and type of {@code like}. */
    private static Tensor over(NativeBuffer host, Tensor like) {
        return torch.from_blob(
                new Address(host.address(), host.size()), like.shape(), new TensorOptions(like.scalar_type()));
    }

    private static TensorOptions options(NativeBuffer buffer) {
        ScalarType type = switch (buffer.dtype()) {
            case UINT8 -> ScalarType.Byte;
            case BFLOAT16 -> ScalarType.BFloat16;
            case FLOAT16 -> ScalarType.Half;
            case INT32 -> ScalarType.Int;
            case FLOAT32 -> ScalarType.Float;
            case INT64 -> ScalarType.Long;
            case FLOAT64 -> ScalarType.Double;
        };
        return new TensorOptions(type).device(new DeviceOptional(tensorDevice(buffer.device())));
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
