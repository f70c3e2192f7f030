package dev.quern.augment;

import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NarrowFloats;
import dev.quern.kernels.NativeBuffer;
import java.nio.ByteBuffer;

/** One image of a normalised batch, seen as values in [0, 1]. */
final class NormalizedImage implements NoiseStep.Values {
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
        float value = switch (kernel.dtype()) {
            case FLOAT32 -> bytes.getFloat(at * Float.BYTES);
            case BFLOAT16 -> NarrowFloats.bfloat16ToFloat(bytes.getShort(at * Short.BYTES));
            case FLOAT16 -> NarrowFloats.float16ToFloat(bytes.getShort(at * Short.BYTES));
            default -> throw noFloats();
        };
        return value * kernel.normalization().std()[channel]
                + kernel.normalization().mean()[channel];
    }

    @Override
    public void set(int y, int x, int channel, float value) {
        float normalized = (value - kernel.normalization().mean()[channel])
                / kernel.normalization().std()[channel];
        int at = at(y, x, channel);
        switch (kernel.dtype()) {
            case FLOAT32 -> bytes.putFloat(at * Float.BYTES, normalized);
            case BFLOAT16 -> bytes.putShort(at * Short.BYTES, NarrowFloats.floatToBfloat16(normalized));
            case FLOAT16 -> bytes.putShort(at * Short.BYTES, NarrowFloats.floatToFloat16(normalized));
            default -> throw noFloats();
        }
    }

    private IllegalStateException noFloats() {
        return new IllegalStateException("output is " + kernel.dtype() + ", allowed: FLOAT32, BFLOAT16 or FLOAT16");
    }

    private int at(int y, int x, int channel) {
        return first
                + (kernel.layout() == FusedAugment.Layout.NHWC
                        ? (y * width + x) * 3 + channel
                        : (channel * height + y) * width + x);
    }
}
