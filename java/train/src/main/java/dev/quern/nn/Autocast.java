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

    private final boolean enabledBefore;
    private final ScalarType typeBefore;

    private Autocast(Precision precision) {
        enabledBefore = torch.is_autocast_enabled(DeviceType.CPU);
        typeBefore = torch.get_autocast_dtype(DeviceType.CPU);
        ScalarType type = precision == Precision.FP16 ? ScalarType.Half : ScalarType.BFloat16;
        set(precision != Precision.FP32, type);
    }

    private static void set(boolean enabled, ScalarType type) {
        for (DeviceType device : DEVICES) {
            torch.set_autocast_dtype(device, type);
            torch.set_autocast_enabled(device, enabled);
        }
    }

    /** Begins; {@link Precision#FP32} switches autocast off. */
    public static Autocast to(Precision precision) {
        return new Autocast(precision);
    }

    @Override
    public void close() {
        set(enabledBefore, typeBefore);
        torch.clear_cache();
    }
}
