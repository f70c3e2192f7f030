package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;

/**
 * The processor as CPUID describes it.
 *
 * @param name empty where the processor tells none
 * @param cacheBytes of the data caches it tells of, from level 1 up; empty where it tells none
 * @param hidesCaches whether it is an AMD processor in a virtual machine that hides its caches (CPUID leaf 0x8000001D), as Firecracker does.
 *     Libraries that take such caches for one byte compute slowly, wrongly or not at all; oneDNN before 3.8 is one.
 */
public record Processor(String name, List<Long> cacheBytes, boolean hidesCaches) {
    private static final int LEVELS = 3;

    /**
     * The processor of this machine.
     *
     * @throws UnsupportedByMachineException where the native library is not available
     */
    public static Processor current() {
        Quern.requireAvailable();
        try (BytePointer name = quern.quern_processor_name()) {
            List<Long> caches = LongStream.rangeClosed(1, LEVELS)
                    .map(level -> quern.quern_cache_bytes((int) level))
                    .takeWhile(bytes -> bytes > 0)
                    .boxed()
                    .toList();
            return new Processor(name.getString().strip(), caches, quern.quern_hides_caches() == 1);
        }
    }
}
