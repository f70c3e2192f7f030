package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_cosine_params;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Cosine of rows: each row of {@code x} against the row of {@code y} with the same number, or against the row of a table that an index
 * names (image embeddings against the text embedding of their label). Rows of norm 0 give 0; a NaN or infinity stays in its row.
 */
public final class CosineConsistency {
    private CosineConsistency() {}

    /** cos(x_i, y_i) for {@code x}, {@code y} FLOAT32 [N,D] into {@code consistency} FLOAT32 [N]. */
    public static void ofRows(Engine engine, NativeBuffer x, NativeBuffer y, NativeBuffer consistency) {
        run(engine, x, y, null, consistency);
    }

    /** cos(x_i, table[index_i]) for {@code x} [N,D], {@code table} [C,D], {@code index} INT32 [N] into {@code consistency} [N]. */
    public static void ofIndexedRows(
            Engine engine, NativeBuffer x, NativeBuffer table, NativeBuffer index, NativeBuffer consistency) {
        run(engine, x, table, index, consistency);
    }

    /** cos(x_i, y_i) of heap arrays [N,D], N = length / d. */
    public static float[] ofRows(Engine engine, float[] x, float[] y, int d) {
        int n = Rows.count("x", x.length, d);
        try (NativeBuffer nativeX = NativeBuffer.copyOf(x, n, d);
                NativeBuffer nativeY = NativeBuffer.copyOf(y, Rows.count("y", y.length, d), d);
                NativeBuffer consistency = NativeBuffer.allocate(DType.FLOAT32, n)) {
            ofRows(engine, nativeX, nativeY, consistency);
            return consistency.toFloats();
        }
    }

    /** cos(x_i, table[index_i]) of heap arrays [N,D] and [C,D]. */
    public static float[] ofIndexedRows(Engine engine, float[] x, float[] table, int[] index, int d) {
        int n = Rows.count("x", x.length, d);
        try (NativeBuffer nativeX = NativeBuffer.copyOf(x, n, d);
                NativeBuffer nativeTable = NativeBuffer.copyOf(table, Rows.count("table", table.length, d), d);
                NativeBuffer nativeIndex = NativeBuffer.copyOf(index, index.length);
                NativeBuffer consistency = NativeBuffer.allocate(DType.FLOAT32, n)) {
            ofIndexedRows(engine, nativeX, nativeTable, nativeIndex, consistency);
            return consistency.toFloats();
        }
    }

    private static void run(
            Engine engine, NativeBuffer x, NativeBuffer y, NativeBuffer index, NativeBuffer consistency) {
        Rows.requireMatrix("x", x, DType.FLOAT32);
        Rows.requireMatrix("y", y, DType.FLOAT32);
        long n = x.dimension(0);
        if (x.dimension(1) != y.dimension(1)) {
            throw new InvalidArgumentException("y has rows of " + y.dimension(1) + ", x of " + x.dimension(1));
        }
        Rows.requireVector("consistency", consistency, DType.FLOAT32, n);
        try (quern_cosine_params params = new quern_cosine_params()) {
            Pointer.memset(params, 0, params.sizeof());
            params.n(n).d(x.dimension(1)).y_rows(y.dimension(0));
            params.x(new FloatPointer(x.pointer()));
            params.y(new FloatPointer(y.pointer()));
            if (index != null) {
                Rows.requireVector("index", index, DType.INT32, n);
                params.index(new IntPointer(index.pointer()));
            }
            engine.run(context ->
                    quern.quern_cosine_consistency(context, params, new FloatPointer(consistency.pointer())));
        }
    }
}
