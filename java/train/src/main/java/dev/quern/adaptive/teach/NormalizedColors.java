package dev.quern.adaptive.teach;

import dev.quern.kernels.Device;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.TensorMemory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Colours between 0 and 1 and as a network sees them: images float32 [B,3,H,W]. */
record NormalizedColors(Tensor mean, Tensor deviation) implements AutoCloseable {
    static NormalizedColors of(Normalization normalization, Device device) {
        return new NormalizedColors(ofChannels(normalization.mean(), device), ofChannels(normalization.std(), device));
    }

    private static Tensor ofChannels(float[] values, Device device) {
        try (PointerScope scope = new PointerScope()) {
            return TensorMemory.on(device, TensorMemory.copyOf(values))
                    .view(1, values.length, 1, 1)
                    .retainReference();
        }
    }

    Tensor normalized(Tensor colors) {
        return colors.sub(mean).div(deviation);
    }

    Tensor colors(Tensor normalized) {
        return normalized.mul(deviation).add(mean);
    }

    @Override
    public void close() {
        mean.close();
        deviation.close();
    }
}
