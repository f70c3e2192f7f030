package dev.quern.kernels;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an engine computes, or an array lies.
 *
 * @param index of the CUDA device; 0 for the CPU
 * @param stream address of the {@code cudaStream_t} that an engine's calls are put on, LibTorch's current one for example; 0: the default one
 */
public record Device(Kind kind, int index, long stream) {
    public static final Device CPU = new Device(Kind.CPU, 0, 0);

    private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,4})");

    public enum Kind {
        CPU,
        CUDA
    }

    /** A CUDA device, with its default stream. */
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index, 0);
    }

    /** Reads {@code cpu} or {@code cuda:N}. */
    public static Device of(String name) {
        if (name.equals(CPU.toString())) {
            return CPU;
        }
        Matcher cuda = CUDA.matcher(name);
        if (!cuda.matches()) {
            throw new InvalidArgumentException("device is '" + name + "', allowed: cpu, cuda:0, cuda:1, …");
        }
        return cuda(Integer.parseInt(cuda.group(1)));
    }

    public Device onStream(long stream) {
        return new Device(kind, index, stream);
    }

    public boolean isCuda() {
        return kind == Kind.CUDA;
    }

    /** Whether memory of one is memory of the other. */
    boolean sharesMemory(Device other) {
        return kind == other.kind && index == other.index;
    }

    @Override
    public String toString() {
        return isCuda() ? "cuda:" + index : "cpu";
    }
}
