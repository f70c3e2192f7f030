package dev.quern.io;

/** Element types of arrays in files, in the order in which {@link SafetensorsFile} lays them out. */
public enum TensorType {
    I64(8),
    F64(8),
    I32(4),
    F32(4),
    BF16(2),
    F16(2),
    U8(1);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
