package dev.quern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes by which the process's resident memory grows at most, from {@link #begin} on, by what the kernel of Linux counts. */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path FORGET_PEAK = Path.of("/proc/self/clear_refs");
    private final long before;

    private PeakMemory(long before) {
        this.before = before;
    }

    static PeakMemory begin() throws IOException {
        Files.writeString(FORGET_PEAK, "5");
        return new PeakMemory(bytes("VmRSS:"));
    }

    long growth() throws IOException {
        return bytes("VmHWM:") - before;
    }

    private static long bytes(String field) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(field)) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException(STATUS + " has no " + field);
    }
}
