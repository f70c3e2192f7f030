package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Memory of a CUDA device, freed once. */
final class DeviceMemory implements AutoCloseable {
    private final Device device;
    private long address;

    private DeviceMemory(Device device, long address) {
        this.device = device;
        this.address = address;
    }

    /** @param bytes ≥ 1, zeroed */
    static DeviceMemory allocate(Device device, long bytes) {
        Cuda.requireAvailable(device);
        try (PointerPointer<Pointer> memory = new PointerPointer<>(1)) {
            Engine.check(quern.quern_device_allocate(device.index(), bytes, memory));
            return new DeviceMemory(device, memory.get(0).address());
        }
    }

    long address() {
        return address;
    }

    /** Waits for the work on the device; of a lost device all memory is gone already. */
    @Override
    public void close() {
        if (address != 0) {
            quern.quern_device_free(device.index(), new NativeBuffer.Address(address));
            address = 0;
        }
    }
}
