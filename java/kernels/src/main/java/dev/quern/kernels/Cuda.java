package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/**
 * The state of the CUDA kernels: opened, with the devices they may use, or absent with the reason. Asking never throws. The library is the file
 * that the environment variable {@code QUERN_CUDA_LIBRARY} names, else the one in the jar {@code quern-kernels-…-cuda}.
 */
public final class Cuda {
    private static final String VARIABLE = "QUERN_CUDA_LIBRARY";
    private static final String LIBRARY = "libquern_cuda.so";
    private static final int TEXT = 256;

    private Cuda() {}

    /**
     * @param available whether the kernels are loaded and there is a device
     * @param reason why not; empty if so
     * @param devices "name, compute major.minor, MiB" of each
     */
    public record State(boolean available, String reason, List<String> devices) {
        static State absent(String reason) {
            return new State(false, reason, List.of());
        }
    }

    /** Found when it is first asked for: a program that computes on the CPU never meets the driver. */
    private static final class Opened {
        static final State STATE = open();
    }

    public static State state() {
        return Opened.STATE;
    }

    /**
     * What a device is: "cpu", or a CUDA device's name, compute and memory.
     *
     * @throws UnsupportedByMachineException if CUDA is not available here, with the reason
     * @throws InvalidArgumentException if there is no such device
     */
    public static String describe(Device device) {
        if (!device.isCuda()) {
            return device.toString();
        }
        requireAvailable(device);
        return state().devices().get(device.index());
    }

    /** Whether a device is one that tests simulate: its memory is the host's. */
    public static boolean isSimulated(Device device) {
        return describe(device).startsWith("simulated");
    }

    /** Throws if there is no such device, with the reason. */
    static void requireAvailable(Device device) {
        if (!state().available()) {
            throw new UnsupportedByMachineException(device + " is not available: " + state().reason());
        }
        if (device.index() >= state().devices().size()) {
            throw new InvalidArgumentException("device is " + device + ", allowed: cpu, cuda:0 … cuda:"
                    + (state().devices().size() - 1));
        }
    }

    private static State open() {
        if (!Quern.state().available()) {
            return State.absent(
                    "the native library is not available: " + Quern.state().reason());
        }
        try {
            String library = library();
            if (library == null) {
                return State.absent("no %s: put the jar quern-kernels-…-cuda on the class path or name the file in %s"
                        .formatted(LIBRARY, VARIABLE));
            }
            if (quern.quern_device_open(library) != quern.QUERN_OK) {
                return State.absent(quern.quern_last_error().getString());
            }
            return new State(true, "", devices());
        } catch (IOException | RuntimeException unreadable) {
            return State.absent(String.valueOf(unreadable.getMessage()));
        }
    }

    /** Path of the library; null where there is none. */
    private static String library() throws IOException {
        String named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            return named;
        }
        URL carried = quern.class.getResource(Loader.getPlatform() + "/" + LIBRARY);
        File extracted = carried == null ? null : Loader.cacheResource(carried);
        return extracted == null ? null : extracted.getPath();
    }

    private static List<String> devices() {
        List<String> devices = new ArrayList<>();
        try (BytePointer text = new BytePointer(TEXT)) {
            for (int device = 0; device < quern.quern_device_count(); device++) {
                int status = quern.quern_device_describe(device, text, TEXT);
                devices.add(
                        status == quern.QUERN_OK
                                ? text.limit(BytePointer.strlen(text)).getString()
                                : quern.quern_last_error().getString());
                text.limit(TEXT);
            }
        }
        return List.copyOf(devices);
    }
}
