package dev.quern.nn;

import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Runs convolutions and matrix products of this thread in a lower precision until closed, as PyTorch's {@code autocast} does, on the CPU and on
 * CUDA devices; weights stay float32, and each is cast once per guard. Use with try-with-resources.
 */
public final class Autocast implements AutoCloseable {
    private static final List<DeviceType> DEVICES = List.of(DeviceType.CPU, DeviceType.CUDA);

    private final boolean before;

    private Autocast(Precision precision) {
        before = torch.is_autocast_enabled(DeviceType.CPU);
        for (DeviceType device : DEVICES) {
            torch.set_autocast_dtype(device, ScalarType.BFloat16);
            torch.set_autocast_enabled(device, precision == Precision.BF16);
        }
    }

    /** Begins; {@link Precision#FP32} switches autocast off. */
    public static Autocast to(Precision precision) {
        return new Autocast(precision);
    }

    @Override
    public void close() {
        DEVICES.forEach(device -> torch.set_autocast_enabled(device, before));
        torch.clear_cache();
    }
}
