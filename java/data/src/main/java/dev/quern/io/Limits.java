package dev.quern.io;

/** Every cap on what untrusted input may make us allocate. */
public final class Limits {
    /** Bytes of an npy header, checked before it is read. */
    public static final int NPY_HEADER_BYTES = 10_000;

    /** Bytes of a safetensors header, checked before it is read. */
    public static final int SAFETENSORS_HEADER_BYTES = 8 << 20;

    public static final int SAFETENSORS_TENSORS = 100_000;

    /** Dimensions of an array. */
    public static final int RANK = 8;

    /** Bytes of one array: what a ByteBuffer holds. */
    public static final long TENSOR_BYTES = Integer.MAX_VALUE - 8;

    public static final int JSON_DEPTH = 16;

    /** Pixels of an image, from its header. */
    public static final long IMAGE_PIXELS = 64L << 20;

    /** Rows or columns of an image, from its header. */
    public static final int IMAGE_SIDE = 16_384;

    /** Bytes of an image file. */
    public static final long IMAGE_FILE_BYTES = 256L << 20;

    /** Images of a data set. */
    public static final int DATASET_IMAGES = 100_000_000;

    /** Bytes of decoded images kept in memory; more are decoded on demand. */
    public static final long DATASET_MEMORY_BYTES = 2L << 30;

    /** A compressed file may expand to this many bytes, or to {@link #EXPANSION_RATIO} times its size if that is more. */
    public static final long EXPANSION_FREE_BYTES = 16L << 20;

    public static final int EXPANSION_RATIO = 200;

    public static final int CLASSES = 100_000;

    /** Bytes of a text file that describes a data set: class names, annotations, a manifest. */
    public static final long TEXT_FILE_BYTES = 256L << 20;

    /** Characters of one line of such a file. */
    public static final int TEXT_LINE_CHARACTERS = 64 << 10;

    /** Bytes of a MAT file, and of all that its compressed variables expand to. */
    public static final int MAT_BYTES = 16 << 20;

    /** Arrays in a MAT file, those within cells and structs included. */
    public static final int MAT_ARRAYS = 1 << 20;

    /** Arrays within arrays. */
    public static final int MAT_DEPTH = 16;

    /** Bytes of images kept for a batch loader's batches. */
    public static final long LOADER_BYTES = 4L << 30;

    /** Images that a training keeps on a CUDA device; larger sets are brought there batch by batch. */
    public static final long DEVICE_DATASET_BYTES = 16L << 30;

    /** Bytes of a configuration file. */
    public static final int CONFIG_BYTES = 1 << 20;

    /** Bytes of a tokenizer's vocabulary and rules. */
    public static final int TOKENIZER_BYTES = 64 << 20;

    private Limits() {}
}
