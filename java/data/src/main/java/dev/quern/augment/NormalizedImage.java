package dev.quern.augment;

import dev.quern.kernels.DType;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import java.nio.ByteBuffer;

/** One image of a normalised batch, seen as values in [0, 1]. */
final class NormalizedImage implements NoiseStep.Values {
    private static final int HALF_SHIFT = 16;

    private final FusedAugment kernel;
    private final ByteBuffer bytes;
    private final int first;
    private final int height;
    private final int width;

    NormalizedImage(FusedAugment kernel, NativeBuffer batch, int row) {
        this.kernel = kernel;
        int rows = kernel.layout() == FusedAugment.Layout.NHWC ? 1 : 2;
        height = (int) batch.dimension(rows);
        width = (int) batch.dimension(rows + 1);
        bytes = batch.bytes();
        first = row * height * width * 3;
    }

    @Override
    public float get(int y, int x, int channel) {
        int at = at(y, x, channel);
        float value = kernel.dtype() == DType.FLOAT32
                ? bytes.getFloat(at * Float.BYTES)
                : Float.intBitsToFloat(bytes.getShort(at * Short.BYTES) << HALF_SHIFT);
        return value * kernel.normalization().std()[channel]
                + kernel.normalization().mean()[channel];
    }

    @Override
    public void set(int y, int x, int channel, float value) {
        float normalized = (value - kernel.normalization().mean()[channel])
                / kernel.normalization().std()[channel];
        int at = at(y, x, channel);
        if (kernel.dtype() == DType.FLOAT32) {
            bytes.putFloat(at * Float.BYTES, normalized);
        } else {
            bytes.putShort(at * Short.BYTES, bfloat16(normalized));
        }
    }

    /** Rounds to nearest, ties to even. */
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7FFF + (bits >>> HALF_SHIFT & 1) >>> HALF_SHIFT);
    }

    private int at(int y, int x, int channel) {
        return first
                + (kernel.layout() == FusedAugment.Layout.NHWC
                        ? (y * width + x) * 3 + channel
                        : (channel * height + y) * width + x);
    }
}
