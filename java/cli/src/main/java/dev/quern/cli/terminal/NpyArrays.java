package dev.quern.cli.terminal;

import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Kernel inputs and outputs as npy files. */
public final class NpyArrays {
    private NpyArrays() {}

    /** A float32 or float64 file as FLOAT32, with {@code rank} dimensions. */
    public static NativeBuffer floats(String option, Path file, int rank) throws IOException {
        Tensor tensor = read(option, file, "float32 or float64", TensorType.F32, TensorType.F64);
        requireRank(option, file, tensor, rank);
        return floats(tensor);
    }

    /** Any shape. */
    public static NativeBuffer floats(Tensor tensor) {
        if (tensor.type() == TensorType.F32) {
            return NativeBuffer.wrap(tensor.bytes(), DType.FLOAT32, tensor.shape());
        }
        double[] wide = tensor.toDoubles();
        float[] narrow = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
            narrow[i] = (float) wide[i];
        }
        return NativeBuffer.copyOf(narrow, tensor.shape());
    }

    /** A float32 or float64 file of any shape. */
    public static Tensor readFloats(String option, Path file) throws IOException {
        return read(option, file, "float32 or float64", TensorType.F32, TensorType.F64);
    }

    /** An int32 or int64 file of one dimension as INT32. */
    public static NativeBuffer ints(String option, Path file) throws IOException {
        Tensor tensor = read(option, file, "int32, int64 or uint8", TensorType.I32, TensorType.I64, TensorType.U8);
        requireRank(option, file, tensor, 1);
        try {
            int[] values = tensor.toInts();
            return NativeBuffer.copyOf(values, values.length);
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    option + " " + file + " holds values beyond 32 bits, allowed: labels that fit int32");
        }
    }

    /** A uint8 file [B,H,W,3] or [H,W,3]. */
    public static NativeBuffer images(String option, Path file) throws IOException {
        Tensor tensor = read(option, file, "uint8", TensorType.U8);
        long[] shape = tensor.shape();
        if (shape.length != 4 || shape[3] != 3) {
            throw new IllegalArgumentException(
                    option + " " + file + " has shape " + Arrays.toString(shape) + ", allowed: [B, H, W, 3]");
        }
        return NativeBuffer.wrap(tensor.bytes(), DType.UINT8, shape);
    }

    /** Refuses an array with another number of dimensions. */
    public static void requireRank(String option, Path file, Tensor tensor, int rank) {
        if (tensor.shape().length != rank) {
            throw new IllegalArgumentException(option + " " + file + " has shape " + Arrays.toString(tensor.shape())
                    + ", allowed: " + rank + " dimension" + (rank == 1 ? "" : "s"));
        }
    }

    /** Writes every array into {@code folder}, made if missing; each file appears whole or not at all. */
    public static void write(Path folder, Map<String, NativeBuffer> arrays) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, NativeBuffer> array : arrays.entrySet()) {
            NativeBuffer buffer = array.getValue();
            NpyFile.write(
                    folder.resolve(array.getKey()), new Tensor(type(buffer.dtype()), buffer.shape(), bytes(buffer)));
        }
    }

    private static ByteBuffer bytes(NativeBuffer buffer) {
        return buffer.size() == 0 ? ByteBuffer.allocateDirect(0) : buffer.bytes();
    }

    private static Tensor read(String option, Path file, String allowed, TensorType... types) throws IOException {
        Tensor tensor = NpyFile.read(file);
        if (!Arrays.asList(types).contains(tensor.type())) {
            throw new IllegalArgumentException(option + " " + file + " holds " + tensor + ", allowed: " + allowed);
        }
        return tensor;
    }

    private static TensorType type(DType dtype) {
        return switch (dtype) {
            case UINT8 -> TensorType.U8;
            case BFLOAT16 -> TensorType.BF16;
            case FLOAT16 -> TensorType.F16;
            case INT32 -> TensorType.I32;
            case FLOAT32 -> TensorType.F32;
            case INT64 -> TensorType.I64;
            case FLOAT64 -> TensorType.F64;
        };
    }
}
