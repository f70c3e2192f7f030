package dev.quern.bench.workload;

import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The named arrays of a workload in native memory, freed together. */
final class Inputs implements AutoCloseable {
    private final Map<String, NativeBuffer> arrays = new LinkedHashMap<>();

    NativeBuffer add(String name, NativeBuffer array) {
        arrays.put(name, array);
        return array;
    }

    NativeBuffer get(String name) {
        return arrays.get(name);
    }

    void save(Path folder) throws IOException {
        for (Map.Entry<String, NativeBuffer> entry : arrays.entrySet()) {
            NativeBuffer array = entry.getValue();
            Tensor tensor = new Tensor(type(array.dtype()), array.shape(), array.bytes());
            NpyFile.write(folder.resolve(entry.getKey() + ".npy"), tensor);
        }
    }

    @Override
    public void close() {
        arrays.values().forEach(NativeBuffer::close);
    }

    private static TensorType type(DType dtype) {
        return switch (dtype) {
            case UINT8 -> TensorType.U8;
            case INT32 -> TensorType.I32;
            case INT64 -> TensorType.I64;
            case FLOAT16 -> TensorType.F16;
            case FLOAT32 -> TensorType.F32;
            case FLOAT64 -> TensorType.F64;
            case BFLOAT16 -> throw new IllegalArgumentException("dtype is " + dtype + ", which npy files do not have");
        };
    }
}
