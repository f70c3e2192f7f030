package dev.quern.nn;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Runs convolutions and matrix products of this thread in a lower precision until closed, as PyTorch's {@code autocast} does on the CPU;
 * weights stay float32, and each is cast once per guard. Use with try-with-resources.
 */
public final class Autocast implements AutoCloseable {
    private final boolean before;

    private Autocast(Precision precision) {
        before = torch.is_autocast_enabled(DeviceType.CPU);
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, precision == Precision.BF16);
    }

    /** Begins; {@link Precision#FP32} switches autocast off. */
    public static Autocast to(Precision precision) {
        return new Autocast(precision);
    }

    @Override
    public void close() {
        torch.set_autocast_enabled(DeviceType.CPU, before);
        torch.clear_cache();
    }
}
