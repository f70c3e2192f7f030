package dev.quern.cli.kernel;

import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.Json;
import dev.quern.kernels.Cuda;
import dev.quern.kernels.Device;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import dev.quern.kernels.Processor;
import dev.quern.kernels.Quern;
import dev.quern.nn.ConvolutionCheck;
import dev.quern.nn.CpuFeatures;
import dev.quern.nn.TensorMemory;
import dev.quern.train.record.RunEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what the kernels found on this machine. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Says what this machine can run: processor, instruction sets, whether LibTorch computes rightly, CUDA, libraries found and refused with the reason, threads, cache.",
        footer = {"", "Example: quern doctor --json"})
public final class DoctorCommand implements Callable<Integer> {
    private static final String CUDA_DRIVER = "libcuda.so.1";
    private static final List<String> LIBRARY_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/cuda/compat", "/usr/local/nvidia/lib64");

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Map<String, Map<String, Object>> findings = new LinkedHashMap<>();
        findings.put("java", java());
        findings.put("processor", processor());
        findings.put("kernels", kernels());
        findings.put("tiers", tiers());
        findings.put("libtorch", libtorch());
        findings.put("cuda", cuda());
        findings.put("threads", threads());
        findings.put("cache", cache());
        if (json) {
            spec.commandLine().getOut().println(Json.pretty(findings));
        } else {
            findings.forEach(this::print);
        }
        spec.commandLine().getOut().flush();
        return Quern.state().available() ? 0 : Failures.FAILED;
    }

    private void print(String section, Map<String, Object> entries) {
        entries.forEach((name, value) -> spec.commandLine().getOut().printf("%-9s %-12s %s%n", section, name, value));
    }

    private static Map<String, Object> java() {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("version", System.getProperty("java.version"));
        entries.put("vm", System.getProperty("java.vm.name"));
        return entries;
    }

    private static Map<String, Object> processor() {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (Quern.state().available()) {
            Processor processor = Processor.current();
            entries.put("name", processor.name());
            entries.put(
                    "caches",
                    processor.hidesCaches()
                            ? "hidden by the virtual machine"
                            : processor.cacheBytes().stream()
                                    .map(bytes -> bytes / 1024 + " kB")
                                    .collect(Collectors.joining(", ")));
        }
        return entries;
    }

    private static Map<String, Object> kernels() {
        Quern.State state = Quern.state();
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("available", state.available());
        entries.put(state.available() ? "version" : "reason", state.available() ? state.version() : state.reason());
        return entries;
    }

    private static Map<String, Object> tiers() {
        Map<String, Object> entries = new LinkedHashMap<>();
        Quern.State state = Quern.state();
        if (!state.available()) {
            return entries;
        }
        for (Isa isa : Isa.values()) {
            if (isa != Isa.AUTO) {
                String refusal = state.refusedTiers().get(isa);
                entries.put(isa.name().toLowerCase(Locale.ROOT), refusal == null ? "runs here" : "refused: " + refusal);
            }
        }
        try (Engine engine = Engine.open()) {
            entries.put("chosen", engine.isa().name().toLowerCase(Locale.ROOT));
        }
        return entries;
    }

    private static Map<String, Object> libtorch() {
        Map<String, Object> entries = new LinkedHashMap<>();
        try (Engine engine = Engine.open()) {
            RunEnvironment environment =
                    RunEnvironment.current(engine, engine.threads(), CpuFeatures.fastestPrecision());
            entries.put("available", true);
            entries.put("version", environment.libtorch());
            entries.put("capability", environment.cpuCapability());
            entries.put("precision", environment.precision().name().toLowerCase(Locale.ROOT));
            entries.put("pointwise", environment.pointwise().name().toLowerCase(Locale.ROOT) + costOf(environment));
            entries.put("convolutions", ConvolutionCheck.error().orElse("agree with float64"));
        } catch (LinkageError | RuntimeException absent) {
            entries.put("available", false);
            entries.put("reason", String.valueOf(absent.getMessage()));
        }
        return entries;
    }

    private static String costOf(RunEnvironment environment) {
        return environment.processor().hidesCaches()
                ? ": LibTorch's oneDNN takes hidden caches for one byte; 1×1 convolutions would end the process and run as"
                        + " matrix products, half as fast in fp32, and the others are slower than with visible caches"
                : "";
    }

    private static Map<String, Object> cuda() throws IOException {
        Map<String, Object> entries = new LinkedHashMap<>();
        Cuda.State state = Cuda.state();
        entries.put("available", state.available());
        entries.put("kernels", state.available() ? String.join("; ", state.devices()) : state.reason());
        entries.put("libtorch", libtorchOnCuda());
        String driver = LIBRARY_FOLDERS.stream()
                .map(folder -> Path.of(folder, CUDA_DRIVER))
                .filter(Files::exists)
                .map(Path::toString)
                .findFirst()
                .orElse("not found: " + CUDA_DRIVER + " in " + String.join(", ", LIBRARY_FOLDERS));
        entries.put("driver", driver);
        entries.put("devices", devices());
        return entries;
    }

    private static String libtorchOnCuda() {
        try {
            TensorMemory.requireDevice(Device.cuda(0));
            return Cuda.isSimulated(Device.cuda(0)) ? "has its tensors on the CPU" : "can train on cuda:0";
        } catch (LinkageError | RuntimeException absent) {
            return String.valueOf(absent.getMessage());
        }
    }

    private static String devices() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev"))) {
            List<String> found = files.map(Path::toString)
                    .filter(name -> name.matches("/dev/nvidia\\d+"))
                    .sorted()
                    .toList();
            return found.isEmpty() ? "not found: /dev/nvidia0" : String.join(", ", found);
        }
    }

    private static Map<String, Object> threads() {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("cores", Runtime.getRuntime().availableProcessors());
        entries.put("QUERN_ISA", setting("QUERN_ISA"));
        entries.put("OMP_NUM_THREADS", setting("OMP_NUM_THREADS"));
        return entries;
    }

    private static Map<String, Object> cache() {
        Map<String, Object> entries = new LinkedHashMap<>();
        try {
            Path folder = Loader.getCacheDir().toPath();
            entries.put("folder", folder.toString());
            entries.put("writable", Files.isWritable(folder));
        } catch (IOException refused) {
            entries.put("folder", "refused: " + refused.getMessage());
        }
        return entries;
    }

    private static String setting(String variable) {
        String value = System.getenv(variable);
        return value == null ? "not set" : value;
    }
}
