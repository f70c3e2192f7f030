package dev.quern.bench.table;

import dev.quern.kernels.Processor;
import dev.quern.kernels.Quern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Where and from what sources a result was measured. */
final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

    private Machine() {}

    /** The machine, the Java runtime and the commit. */
    static Map<String, Object> description(Path root) throws IOException {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("cpu", field(CPU, "model name"));
        entries.put("hidden caches", Processor.current().hidesCaches());
        entries.put("cores", Runtime.getRuntime().availableProcessors());
        entries.put("caches", caches());
        entries.put("memory", field(MEMORY, "MemTotal"));
        entries.put(
                "isa",
                Arrays.stream(field(CPU, "flags").split(" "))
                        .filter(flag -> flag.matches("(avx|amx|fma|f16c|bmi).*"))
                        .toList());
        entries.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        entries.put("quern", Quern.state().version());
        entries.put("commit", git(root, "rev-parse", "HEAD"));
        entries.put(
                "dirty",
                !git(root, "status", "--porcelain", "--untracked-files=no").isEmpty());
        return entries;
    }

    private static String field(Path file, String name) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }

    private static Map<String, String> caches() {
        return IntStream.range(0, 8)
                .mapToObj(level -> CACHES.resolve("index" + level))
                .filter(Files::exists)
                .collect(Collectors.toMap(
                        cache -> "L" + line(cache.resolve("level")) + " " + line(cache.resolve("type")),
                        cache -> line(cache.resolve("size")),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException absent) {
            return "unknown";
        }
    }

    private static String git(Path root, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
        command.addAll(List.of(words));
        try (var output = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
