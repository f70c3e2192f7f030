package dev.quern.kernels;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A dense row-major array in native memory, of the host or of a CUDA device: an address, an element type and a shape.
 *
 * <p>{@link #allocate} and {@link #copyOf} own their memory, freed by {@link #close()}; {@link #wrap} and {@link #at} look at memory of
 * somebody else, which must outlive this object. Not thread-safe against a concurrent {@code close}.
 */
public final class NativeBuffer implements AutoCloseable {
    private final DType dtype;
    private final long[] shape;
    private final long size;
    private final Device device;
    private final Object owner;
    private long address;

    private NativeBuffer(long address, Device device, DType dtype, long[] shape, Object owner) {
        this.device = device;
        this.dtype = dtype;
        this.shape = shape.clone();
        this.size = count(dtype, shape);
        this.address = address;
        this.owner = owner;
    }

    /** New memory of the given shape, zeroed. */
    public static NativeBuffer allocate(DType dtype, long... shape) {
        long bytes = Math.multiplyExact(count(dtype, shape), (long) dtype.bytes());
        Quern.requireAvailable();
        BytePointer memory = new BytePointer(Math.max(bytes, 1));
        Pointer.memset(memory, 0, Math.max(bytes, 1));
        return new NativeBuffer(memory.address(), Device.CPU, dtype, shape, memory);
    }

    /**
     * New memory of the given shape on a device, zeroed. {@link #close()} waits for the work on the device.
     *
     * @throws NativeOutOfMemoryException if the device has not so much left
     * @throws UnsupportedByMachineException if CUDA is not available here, with the reason
     */
    public static NativeBuffer allocate(Device device, DType dtype, long... shape) {
        if (!device.isCuda()) {
            return allocate(dtype, shape);
        }
        long bytes = Math.multiplyExact(count(dtype, shape), (long) dtype.bytes());
        DeviceMemory memory = DeviceMemory.allocate(device, Math.max(bytes, 1));
        return new NativeBuffer(memory.address(), device, dtype, shape, memory);
    }

    /** A native FLOAT32 copy of {@code data}, whose length must equal the product of {@code shape}. */
    public static NativeBuffer copyOf(float[] data, long... shape) {
        requireLength(data.length, DType.FLOAT32, shape);
        NativeBuffer buffer = allocate(DType.FLOAT32, shape);
        buffer.bytes().asFloatBuffer().put(data);
        return buffer;
    }

    /** A native INT32 copy of {@code data}. */
    public static NativeBuffer copyOf(int[] data, long... shape) {
        requireLength(data.length, DType.INT32, shape);
        NativeBuffer buffer = allocate(DType.INT32, shape);
        buffer.bytes().asIntBuffer().put(data);
        return buffer;
    }

    /** A native INT64 copy of {@code data}. */
    public static NativeBuffer copyOf(long[] data, long... shape) {
        requireLength(data.length, DType.INT64, shape);
        NativeBuffer buffer = allocate(DType.INT64, shape);
        buffer.bytes().asLongBuffer().put(data);
        return buffer;
    }

    /** A native FLOAT64 copy of {@code data}. */
    public static NativeBuffer copyOf(double[] data, long... shape) {
        requireLength(data.length, DType.FLOAT64, shape);
        NativeBuffer buffer = allocate(DType.FLOAT64, shape);
        buffer.bytes().asDoubleBuffer().put(data);
        return buffer;
    }

    /** A native UINT8 copy of {@code data}. */
    public static NativeBuffer copyOf(byte[] data, long... shape) {
        requireLength(data.length, DType.UINT8, shape);
        NativeBuffer buffer = allocate(DType.UINT8, shape);
        buffer.bytes().put(data);
        return buffer;
    }

    /** Looks at a direct buffer from its position on, without a copy; the buffer is kept reachable. */
    public static NativeBuffer wrap(Buffer direct, DType dtype, long... shape) {
        if (!direct.isDirect()) {
            throw new InvalidArgumentException("buffer is a heap buffer, allowed: direct buffers");
        }
        Pointer start = new Pointer(direct);
        int elementBytes = elementBytes(direct);
        long available = (long) direct.remaining() * elementBytes;
        long needed = Math.multiplyExact(count(dtype, shape), (long) dtype.bytes());
        if (available < needed) {
            throw new InvalidArgumentException("buffer holds " + available + " bytes, shape " + Arrays.toString(shape)
                    + " of " + dtype + " needs " + needed);
        }
        return new NativeBuffer(
                start.address() + (long) direct.position() * elementBytes, Device.CPU, dtype, shape, new Object[] {
                    direct, start
                });
    }

    /** Looks at raw memory of the host. The caller answers for its validity, size and lifetime. */
    public static NativeBuffer at(long address, DType dtype, long... shape) {
        return at(address, Device.CPU, dtype, shape);
    }

    /** Looks at raw memory of {@code device}, that of a CUDA tensor for example. */
    public static NativeBuffer at(long address, Device device, DType dtype, long... shape) {
        if (address == 0 && count(dtype, shape) > 0) {
            throw new InvalidArgumentException("address is 0 for shape " + Arrays.toString(shape));
        }
        return new NativeBuffer(address, device, dtype, shape, null);
    }

    public long address() {
        if (address == 0 && size > 0) {
            throw new IllegalStateException("buffer is closed");
        }
        return address;
    }

    /** Where the memory lies. */
    public Device device() {
        return device;
    }

    public DType dtype() {
        return dtype;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** Length of dimension {@code axis}. */
    public long dimension(int axis) {
        return shape[axis];
    }

    /** Number of elements. */
    public long size() {
        return size;
    }

    /** {@code count} entries of the first dimension from {@code first} on, in the same memory. */
    public NativeBuffer rows(long first, long count) {
        if (first < 0 || count < 0 || first + count > shape[0]) {
            throw new InvalidArgumentException(
                    "rows are " + first + " … " + (first + count - 1) + ", allowed: 0 … " + (shape[0] - 1));
        }
        long[] part = shape.clone();
        part[0] = count;
        long rowBytes = shape[0] == 0 ? 0 : size / shape[0] * dtype.bytes();
        return new NativeBuffer(address() + first * rowBytes, device, dtype, part, this);
    }

    /** The host's memory as a little-endian direct buffer, at most 2 GiB; valid until {@link #close()}. */
    public ByteBuffer bytes() {
        if (device.isCuda()) {
            throw new InvalidArgumentException(
                    "array lies on " + device + ", allowed: host memory (Engine.copy brings it there)");
        }
        long bytes = size * dtype.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new InvalidArgumentException("shape " + Arrays.toString(shape) + " of " + dtype + " is " + bytes
                    + " bytes, a ByteBuffer holds at most " + Integer.MAX_VALUE);
        }
        return new Address(address(), bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** A copy of a FLOAT32 array on the heap. */
    public float[] toFloats() {
        require(DType.FLOAT32);
        float[] copy = new float[Math.toIntExact(size)];
        bytes().asFloatBuffer().get(copy);
        return copy;
    }

    /** A copy of a FLOAT64 array on the heap. */
    public double[] toDoubles() {
        require(DType.FLOAT64);
        double[] copy = new double[Math.toIntExact(size)];
        bytes().asDoubleBuffer().get(copy);
        return copy;
    }

    /** A copy of an INT64 array on the heap. */
    public long[] toLongs() {
        require(DType.INT64);
        long[] copy = new long[Math.toIntExact(size)];
        bytes().asLongBuffer().get(copy);
        return copy;
    }

    /** A copy of a UINT8 array on the heap. */
    public byte[] toBytes() {
        require(DType.UINT8);
        byte[] copy = new byte[Math.toIntExact(size)];
        bytes().get(copy);
        return copy;
    }

    @Override
    public void close() {
        address = 0;
        if (owner instanceof BytePointer memory) {
            memory.deallocate();
        }
        if (owner instanceof DeviceMemory memory) {
            memory.close();
        }
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape) + (device.isCuda() ? " on " + device : "");
    }

    Address pointer() {
        return new Address(address());
    }

    void require(DType expected) {
        if (dtype != expected) {
            throw new InvalidArgumentException("array is " + dtype + ", allowed: " + expected);
        }
    }

    private static long count(DType dtype, long[] shape) {
        long count = 1;
        for (long length : shape) {
            if (length < 0) {
                throw new InvalidArgumentException("shape " + Arrays.toString(shape) + " has a negative length");
            }
            try {
                count = Math.multiplyExact(count, length);
                Math.multiplyExact(count, (long) dtype.bytes());
            } catch (ArithmeticException overflow) {
                throw new InvalidArgumentException("shape " + Arrays.toString(shape) + " overflows 2^63 bytes");
            }
        }
        return count;
    }

    private static int elementBytes(Buffer buffer) {
        if (buffer instanceof ByteBuffer) {
            return Byte.BYTES;
        }
        if (buffer instanceof ShortBuffer || buffer instanceof CharBuffer) {
            return Short.BYTES;
        }
        return buffer instanceof FloatBuffer || buffer instanceof IntBuffer ? Integer.BYTES : Long.BYTES;
    }

    private static void requireLength(long length, DType dtype, long[] shape) {
        if (length != count(dtype, shape)) {
            throw new InvalidArgumentException("data has " + length + " elements, shape " + Arrays.toString(shape)
                    + " needs " + count(dtype, shape));
        }
    }

    /** A JavaCPP pointer at a given address that frees nothing. */
    static final class Address extends Pointer {
        Address(long address) {
            super((Pointer) null);
            this.address = address;
        }

        Address(long address, long bytes) {
            this(address);
            this.capacity = bytes;
            this.limit = bytes;
        }

        /** Counts bytes, where a subclass of Pointer counts addresses. */
        @Override
        public int sizeof() {
            return 1;
        }
    }
}
