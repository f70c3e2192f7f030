package dev.quern.kernels;

import java.nio.ByteBuffer;

/**
 * What happens to each sample of a batch in {@link FusedAugment}: up to {@value #MAX_CHAIN} ops in order, then crop, flip and cutout.
 * A fresh batch leaves every sample as it is, row i showing image i. Reusable through {@link #reset}; not thread-safe; native memory freed
 * by {@link #close()}.
 */
public final class AugmentBatch implements AutoCloseable {
    /** Longest chain of ops per sample. */
    public static final int MAX_CHAIN = 4;

    /** A centre so far outside that no cutout square reaches an image. */
    private static final int OUTSIDE = Integer.MIN_VALUE;

    private final int capacity;
    private final int chain;
    private final NativeBuffer ops;
    private final NativeBuffer values;
    private final NativeBuffer cropY;
    private final NativeBuffer cropX;
    private final NativeBuffer flip;
    private final NativeBuffer cutoutY;
    private final NativeBuffer cutoutX;
    private final NativeBuffer image;
    private final ByteBuffer opBytes;
    private final ByteBuffer valueBytes;

    /**
     * @param capacity most samples of a batch, ≥ 0
     * @param chain ops per sample, 0 … {@value #MAX_CHAIN}
     */
    public AugmentBatch(int capacity, int chain) {
        if (capacity < 0) {
            throw new InvalidArgumentException("capacity is " + capacity + ", allowed: ≥ 0");
        }
        if (chain < 0 || chain > MAX_CHAIN) {
            throw new InvalidArgumentException("chain is " + chain + ", allowed: 0 … " + MAX_CHAIN);
        }
        this.capacity = capacity;
        this.chain = chain;
        ops = NativeBuffer.allocate(DType.INT32, capacity, chain);
        values = NativeBuffer.allocate(DType.FLOAT64, capacity, chain);
        cropY = NativeBuffer.allocate(DType.INT32, capacity);
        cropX = NativeBuffer.allocate(DType.INT32, capacity);
        flip = NativeBuffer.allocate(DType.UINT8, capacity);
        cutoutY = NativeBuffer.allocate(DType.INT32, capacity);
        cutoutX = NativeBuffer.allocate(DType.INT32, capacity);
        image = NativeBuffer.allocate(DType.INT32, capacity);
        opBytes = ops.bytes();
        valueBytes = values.bytes();
        reset();
    }

    public int capacity() {
        return capacity;
    }

    public int chain() {
        return chain;
    }

    /** Makes op {@code slot} of a sample {@code op} with its physical {@code value} (see {@link AugmentOp}). */
    public AugmentBatch op(int sample, int slot, AugmentOp op, double value) {
        if (slot < 0 || slot >= chain) {
            throw new InvalidArgumentException("slot is " + slot + ", allowed: 0 … " + (chain - 1));
        }
        opBytes.putInt((sample * chain + slot) * Integer.BYTES, op.ordinal());
        valueBytes.putDouble((sample * chain + slot) * Double.BYTES, value);
        return this;
    }

    /** Crops from source row {@code y} and column {@code x}; negative or overhanging values reach into the padding. */
    public AugmentBatch crop(int sample, int y, int x) {
        cropY.bytes().putInt(sample * Integer.BYTES, y);
        cropX.bytes().putInt(sample * Integer.BYTES, x);
        return this;
    }

    /** Mirrors left-right, after the crop. */
    public AugmentBatch flip(int sample, boolean mirror) {
        flip.bytes().put(sample, (byte) (mirror ? 1 : 0));
        return this;
    }

    /** Centre of the cutout square, in output coordinates. */
    public AugmentBatch cutout(int sample, int y, int x) {
        cutoutY.bytes().putInt(sample * Integer.BYTES, y);
        cutoutX.bytes().putInt(sample * Integer.BYTES, x);
        return this;
    }

    /** No cutout square in this sample, whatever the kernel's. */
    public AugmentBatch withoutCutout(int sample) {
        return cutout(sample, OUTSIDE, OUTSIDE);
    }

    /** Which image of {@link FusedAugment#apply}'s input this sample is made of; several may be views of one. */
    public AugmentBatch image(int sample, int index) {
        image.bytes().putInt(sample * Integer.BYTES, index);
        return this;
    }

    /** Back to a batch that leaves every sample as it is. */
    public AugmentBatch reset() {
        for (int sample = 0; sample < capacity; sample++) {
            for (int slot = 0; slot < chain; slot++) {
                op(sample, slot, AugmentOp.IDENTITY, 0);
            }
            crop(sample, 0, 0).flip(sample, false).withoutCutout(sample).image(sample, sample);
        }
        return this;
    }

    NativeBuffer ops() {
        return ops;
    }

    NativeBuffer values() {
        return values;
    }

    NativeBuffer cropY() {
        return cropY;
    }

    NativeBuffer cropX() {
        return cropX;
    }

    NativeBuffer flip() {
        return flip;
    }

    NativeBuffer cutoutY() {
        return cutoutY;
    }

    NativeBuffer cutoutX() {
        return cutoutX;
    }

    NativeBuffer image() {
        return image;
    }

    @Override
    public void close() {
        ops.close();
        values.close();
        cropY.close();
        cropX.close();
        flip.close();
        cutoutY.close();
        cutoutX.close();
        image.close();
    }
}
