package dev.quern.nn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** What this processor offers, from {@code /proc/cpuinfo}; empty where there is none. */
public final class CpuFeatures {
    private CpuFeatures() {}

    /** Whether bfloat16 products run in hardware: AMX-BF16 or AVX512-BF16. */
    public static boolean hasBfloat16() {
        Set<String> flags = flags();
        return flags.contains("amx_bf16") || flags.contains("avx512_bf16");
    }

    /** The precision that is faster here. */
    public static Precision fastestPrecision() {
        return hasBfloat16() ? Precision.BF16 : Precision.FP32;
    }

    private static Set<String> flags() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Arrays.stream(line.split("\\s+")).collect(Collectors.toSet()))
                    .orElse(Set.of());
        } catch (IOException | RuntimeException absent) {
            return Set.of();
        }
    }
}
