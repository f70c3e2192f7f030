package dev.quern.cli.compare;

import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.KeptSettings;
import dev.quern.cli.terminal.ProgressDisplay;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains on what many methods select, and compares them. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Trains on what many methods select, at many ratios, with many seeds, networks and faults of the training set.",
            "Finished trainings are kept: after a kill or Ctrl-C the same command goes on. Writes results.csv, results.json and report.html"
                    + " after every training."
        },
        footer = {
            "",
            "Example: quern compare --config bench/selection-comparison.yaml     (which says what can be configured)"
        })
public final class CompareCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE.yaml", description = "what is compared")
    private Path config;

    @Option(
            names = "--workers",
            paramLabel = "W",
            description = "processes side by side (default: as configured, or 1)")
    private Integer workers;

    @Option(
            names = "--progress",
            paramLabel = "P",
            defaultValue = "auto",
            description = "auto, bar, plain or none (default: ${DEFAULT-VALUE})")
    private ProgressDisplay.Style progress;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        ComparisonConfig read = ComparisonConfig.read(config);
        int processes = workers != null ? workers : read.workers();
        if (processes < 1) {
            throw new IllegalArgumentException("workers is " + processes + ", allowed: ≥ 1");
        }
        Comparison comparison = Comparison.of(read);
        Path out = Files.createDirectories(read.out());
        KeptSettings.require(out, settings(read));
        List<Process> helpers = new ArrayList<>();
        try (Interruption interruption = new Interruption()) {
            for (int i = 1; i < processes; i++) {
                helpers.add(helper());
            }
            if (!new ComparisonWorker(comparison, progress, interruption.stop()).run()) {
                return Failures.INTERRUPTED;
            }
        } finally {
            helpers.forEach(Process::destroy);
        }
        spec.commandLine().getOut().println("report: " + out.resolve("report.html"));
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** Entry point of the processes that help. */
    public static void main(String[] arguments) {
        System.exit(Failures.reported(new CommandLine(new CompareCommand())).execute(arguments));
    }

    /** Another process of this command that shares the folder. */
    private Process helper() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), CompareCommand.class.getName()));
        command.addAll(List.of("--config", config.toString(), "--workers", "1"));
        command.addAll(List.of("--progress", progress == ProgressDisplay.Style.NONE ? "none" : "plain"));
        return new ProcessBuilder(command)
                .redirectOutput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What may not change from call to call; methods, ratios, seeds, models and faults may be added. */
    private static Map<String, Object> settings(ComparisonConfig config) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("dataset", config.dataset());
        settings.put("train", config.train());
        settings.put("select", config.select());
        config.faults().forEach((name, options) -> settings.put("fault " + name, options));
        return settings;
    }
}
