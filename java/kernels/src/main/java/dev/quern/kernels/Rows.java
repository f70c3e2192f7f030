package dev.quern.kernels;

import java.util.Arrays;

/** Shape checks of the arrays a kernel is given. */
final class Rows {
    private Rows() {}

    /** Rows of a dense heap matrix with {@code d} columns. */
    static int count(String name, int length, int d) {
        if (d < 1) {
            throw new InvalidArgumentException("d is " + d + ", allowed: ≥ 1");
        }
        if (length % d != 0) {
            throw new InvalidArgumentException(name + " has " + length + " elements, allowed: a multiple of d = " + d);
        }
        return length / d;
    }

    static void requireMatrix(String name, NativeBuffer array, DType dtype) {
        if (array.dtype() != dtype || array.rank() != 2) {
            throw new InvalidArgumentException(name + " is " + array + ", allowed: " + dtype + "[rows, columns]");
        }
    }

    static void requireVector(String name, NativeBuffer array, DType dtype, long length) {
        requireShape(name, array, dtype, length);
    }

    static void requireShape(String name, NativeBuffer array, DType dtype, long... shape) {
        if (array.dtype() != dtype || !Arrays.equals(array.shape(), shape)) {
            throw new InvalidArgumentException(name + " is " + array + ", allowed: " + dtype + Arrays.toString(shape));
        }
    }
}
