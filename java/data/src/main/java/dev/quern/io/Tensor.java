package dev.quern.io;

import dev.quern.kernels.NarrowFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A dense row-major array as it stands in a file: element type, shape, little-endian bytes.
 *
 * <p>Arrays read from files lie in direct memory. The bytes are shared, not copied.
 */
public final class Tensor {
    private final TensorType type;
    private final long[] shape;
    private final ByteBuffer bytes;

    /**
     * @param shape lengths ≥ 0; empty for a scalar
     * @param bytes its remaining bytes are the elements
     */
    public Tensor(TensorType type, long[] shape, ByteBuffer bytes) {
        long needed = byteCount(type, shape);
        if (needed < 0 || needed != bytes.remaining()) {
            throw new IllegalArgumentException(
                    "bytes holds " + bytes.remaining() + " bytes, shape " + Arrays.toString(shape) + " of " + type
                            + " needs " + (needed < 0 ? "more than " + Limits.TENSOR_BYTES : needed));
        }
        this.type = type;
        this.shape = shape.clone();
        this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An F32 array. */
    public static Tensor of(float[] data, long... shape) {
        ByteBuffer bytes = allocate((long) data.length * Float.BYTES);
        bytes.asFloatBuffer().put(data);
        return new Tensor(TensorType.F32, shape, bytes);
    }

    /** An F64 array. */
    public static Tensor of(double[] data, long... shape) {
        ByteBuffer bytes = allocate((long) data.length * Double.BYTES);
        bytes.asDoubleBuffer().put(data);
        return new Tensor(TensorType.F64, shape, bytes);
    }

    /** An I32 array. */
    public static Tensor of(int[] data, long... shape) {
        ByteBuffer bytes = allocate((long) data.length * Integer.BYTES);
        bytes.asIntBuffer().put(data);
        return new Tensor(TensorType.I32, shape, bytes);
    }

    /** An I64 array. */
    public static Tensor of(long[] data, long... shape) {
        ByteBuffer bytes = allocate((long) data.length * Long.BYTES);
        bytes.asLongBuffer().put(data);
        return new Tensor(TensorType.I64, shape, bytes);
    }

    /** A U8 array. */
    public static Tensor of(byte[] data, long... shape) {
        ByteBuffer bytes = allocate(data.length);
        bytes.duplicate().put(data);
        return new Tensor(TensorType.U8, shape, bytes);
    }

    public TensorType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public long count() {
        return bytes.capacity() / type.bytes();
    }

    /** The elements, little endian, from position 0; every call has a position of its own. */
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The elements of an F32 array, or of an F16 or BF16 array widened. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(count())];
        ByteBuffer source = bytes();
        switch (type) {
            case F32 -> source.asFloatBuffer().get(values);
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = NarrowFloats.bfloat16ToFloat(source.getShort());
                }
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = NarrowFloats.float16ToFloat(source.getShort());
                }
            }
            default -> throw wrongType("F32, F16, BF16");
        }
        return values;
    }

    /** The elements of an F64 array, or of a smaller float type widened. */
    public double[] toDoubles() {
        double[] values = new double[Math.toIntExact(count())];
        if (type == TensorType.F64) {
            bytes().asDoubleBuffer().get(values);
        } else {
            float[] narrow = toFloats();
            Arrays.setAll(values, i -> narrow[i]);
        }
        return values;
    }

    /**
     * The elements of an I32 or U8 array, or of an I64 array whose values fit.
     *
     * @throws ArithmeticException if an I64 value does not fit
     */
    public int[] toInts() {
        int[] values = new int[Math.toIntExact(count())];
        ByteBuffer source = bytes();
        switch (type) {
            case I32 -> source.asIntBuffer().get(values);
            case I64 -> Arrays.setAll(values, i -> Math.toIntExact(source.getLong(i * Long.BYTES)));
            case U8 -> Arrays.setAll(values, i -> source.get(i) & 0xFF);
            default -> throw wrongType("I32, I64, U8");
        }
        return values;
    }

    /** The elements of an I64 array, or of an I32 or U8 array widened. */
    public long[] toLongs() {
        long[] values = new long[Math.toIntExact(count())];
        if (type == TensorType.I64) {
            bytes().asLongBuffer().get(values);
        } else {
            int[] narrow = toInts();
            Arrays.setAll(values, i -> narrow[i]);
        }
        return values;
    }

    /** The elements of a U8 array. */
    public byte[] toBytes() {
        if (type != TensorType.U8) {
            throw wrongType("U8");
        }
        byte[] values = new byte[bytes.capacity()];
        bytes().get(values);
        return values;
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    /** Bytes of an array, or −1 if a length is negative or the product exceeds {@link Limits#TENSOR_BYTES}. */
    static long byteCount(TensorType type, long[] shape) {
        long bytes = type.bytes();
        boolean empty = false;
        for (long length : shape) {
            if (length < 0) {
                return -1;
            }
            empty |= length == 0;
        }
        for (long length : shape) {
            if (empty) {
                return 0;
            }
            if (length > Limits.TENSOR_BYTES / bytes) {
                return -1;
            }
            bytes *= length;
        }
        return bytes;
    }

    static ByteBuffer allocate(long bytes) {
        if (bytes > Limits.TENSOR_BYTES) {
            throw new IllegalArgumentException("array is " + bytes + " bytes, allowed: at most " + Limits.TENSOR_BYTES);
        }
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private IllegalStateException wrongType(String allowed) {
        return new IllegalStateException("array is " + this + ", allowed: " + allowed);
    }
}
