package dev.quern.cli.study;

import dev.quern.analysis.LabelledFeatures;
import dev.quern.analysis.Otdd;
import dev.quern.analysis.OtddEstimate;
import dev.quern.analysis.OtddResult;
import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.Names;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.kernels.Engine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the distance of two labelled sets. */
@Command(
        name = "otdd",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Optimal transport dataset distance (Alvarez-Melis and Fusi 2020) between two labelled feature sets.",
            "Classes of one row take no part; the labels of the two sets need not have anything in common."
        },
        footer = {"", "Example: quern otdd --x1 mnist.npy --y1 mnist-labels.npy --x2 usps.npy --y2 usps-labels.npy"})
public final class OtddCommand implements Callable<Integer> {
    @Option(names = "--x1", required = true, paramLabel = "X.npy", description = "float [N,D]")
    private Path x1;

    @Option(names = "--y1", required = true, paramLabel = "Y.npy", description = "int [N]")
    private Path y1;

    @Option(names = "--x2", required = true, paramLabel = "X.npy", description = "float [M,D]")
    private Path x2;

    @Option(names = "--y2", required = true, paramLabel = "Y.npy", description = "int [M]")
    private Path y2;

    @Mixin
    private OtddOptions options;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of the subsampling (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "writes the potentials f.npy [N] and g.npy [M], rows1.npy, rows2.npy and label_distances.npy")
    private Path out;

    @Option(names = "--json", description = "print the result as JSON")
    private boolean json;

    @Mixin
    private EngineOptions engineOptions;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Otdd otdd = options.resolve(seed);
        LabelledFeatures first = FeatureFiles.read("--x1", x1, "--y1", y1);
        LabelledFeatures second = FeatureFiles.read("--x2", x2, "--y2", y2);
        try (Engine engine = engineOptions.open()) {
            OtddEstimate estimate = otdd.estimate(first, second);
            double expected = estimate.seconds(engine);
            spec.commandLine()
                    .getErr()
                    .println("quern: about " + ProgressDisplay.duration(expected) + " and " + (estimate.bytes() >> 20)
                            + " MiB beyond the features");
            spec.commandLine().getErr().flush();
            long start = System.nanoTime();
            OtddResult result = otdd.between(engine, first, second);
            double seconds = 1e-9 * (System.nanoTime() - start);
            write(result);
            print(otdd, result, estimate, expected, seconds);
        }
        return 0;
    }

    private void write(OtddResult result) throws IOException {
        if (out == null) {
            return;
        }
        Files.createDirectories(out);
        double[][] table = result.labelDistances();
        double[] flat = new double[table.length * table.length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = table[i / table.length][i % table.length];
        }
        NpyFile.write(out.resolve("f.npy"), Tensor.of(result.f(), result.f().length));
        NpyFile.write(out.resolve("g.npy"), Tensor.of(result.g(), result.g().length));
        NpyFile.write(out.resolve("rows1.npy"), Tensor.of(result.firstRows(), result.firstRows().length));
        NpyFile.write(out.resolve("rows2.npy"), Tensor.of(result.secondRows(), result.secondRows().length));
        NpyFile.write(out.resolve("label_distances.npy"), Tensor.of(flat, table.length, table.length));
    }

    private void print(Otdd otdd, OtddResult result, OtddEstimate estimate, double expected, double seconds) {
        PrintWriter stdout = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("distance", result.distance());
            object.put("similarity", result.similarity());
            object.put("epsilon", otdd.epsilon());
            object.put("profile", Names.word(options.profile()));
            object.put(
                    "quirks", otdd.quirks().stream().map(Names::word).sorted().toList());
            object.put("label_distance", Names.word(otdd.labelDistance()));
            object.put("arithmetic", Names.word(otdd.arithmetic()));
            object.put("rows", new int[] {result.firstRows().length, result.secondRows().length});
            object.put("classes", new int[][] {result.firstClasses(), result.secondClasses()});
            object.put("label_distances", result.labelDistances());
            object.put("steps", result.steps());
            object.put("estimated_seconds", expected);
            object.put("estimated_bytes", estimate.bytes());
            object.put("seconds", seconds);
            stdout.println(Json.line(object));
        } else {
            stdout.printf(
                    Locale.ROOT,
                    "distance %.6g (similarity %.6g): %d × %d points of %d values, %d and %d classes, %d steps, %s%n",
                    result.distance(),
                    result.similarity(),
                    result.firstRows().length,
                    result.secondRows().length,
                    estimate.dimension(),
                    result.firstClasses().length,
                    result.secondClasses().length,
                    result.steps(),
                    ProgressDisplay.duration(seconds));
        }
        stdout.flush();
    }
}
