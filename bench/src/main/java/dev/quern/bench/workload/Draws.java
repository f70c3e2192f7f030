package dev.quern.bench.workload;

import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.SplittableRandom;

/** Random native arrays. */
final class Draws {
    private Draws() {}

    /** Values in [−1, 1), [rows,columns]. */
    static NativeBuffer uniform(SplittableRandom random, int rows, int columns) {
        NativeBuffer array = NativeBuffer.allocate(DType.FLOAT32, rows, columns);
        FloatBuffer values = array.bytes().asFloatBuffer();
        for (int i = 0; i < values.capacity(); i += 2) {
            long bits = random.nextLong();
            values.put(i, (int) bits * 0x1p-31f);
            if (i + 1 < values.capacity()) {
                values.put(i + 1, (int) (bits >> 32) * 0x1p-31f);
            }
        }
        return array;
    }

    /** Standard normal values. */
    static float[] normal(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Integers in [0, bound). */
    static NativeBuffer integers(SplittableRandom random, int bound, int count) {
        NativeBuffer array = NativeBuffer.allocate(DType.INT32, count);
        IntBuffer values = array.bytes().asIntBuffer();
        for (int i = 0; i < count; i++) {
            values.put(i, random.nextInt(bound));
        }
        return array;
    }

    /** Row {@code row} of a matrix of {@code columns}. */
    static float[] row(NativeBuffer matrix, int row, int columns) {
        float[] values = new float[columns];
        matrix.bytes().asFloatBuffer().get(row * columns, values);
        return values;
    }
}
