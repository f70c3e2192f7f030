package dev.quern.kernels;

/** Element types of native arrays. */
public enum DType {
    UINT8(1),
    BFLOAT16(2),
    FLOAT16(2),
    INT32(4),
    FLOAT32(4),
    INT64(8),
    FLOAT64(8);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
