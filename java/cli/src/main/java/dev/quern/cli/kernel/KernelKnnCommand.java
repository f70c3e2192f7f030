package dev.quern.cli.kernel;

import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.KnnDensity;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "knn",
        mixinStandardHelpOptions = true,
        description = {
            "Mean Euclidean distance of each query to its k nearest neighbours, exact.",
            "Writes density.npy [N], distances.npy [N,k] and indices.npy [N,k]. Without --reference the queries are searched among"
                    + " themselves, each excluding itself.",
            "Prints how many rows needed more true distances than the filter's list holds: a measure of speed, never of exactness."
        },
        footer = {"", "Example: quern kernel knn --queries features.npy -k 10 --labels labels.npy --out result"})
final class KernelKnnCommand implements Callable<Integer> {
    @Option(names = "--queries", required = true, paramLabel = "Q.npy", description = "float [N,D]")
    private Path queries;

    @Option(names = "--reference", paramLabel = "R.npy", description = "float [M,D] (default: the queries)")
    private Path reference;

    @Option(names = "-k", required = true, paramLabel = "K", description = "neighbours, 1 ... 1024")
    private int k;

    @Option(names = "--labels", paramLabel = "Y.npy", description = "int [N]: neighbours within the query's class only")
    private Path labels;

    @Option(
            names = "--reference-labels",
            paramLabel = "Z.npy",
            description = "int [M]; needed where --labels and --reference are given")
    private Path referenceLabels;

    @Option(
            names = "--short-class",
            paramLabel = "RULE",
            defaultValue = "refuse",
            description = "classes with fewer than k neighbours: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private KnnDensity.ShortClass shortClass;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the results")
    private Path out;

    @Mixin
    private EngineOptions engineOptions;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (k < 1 || k > 1024) {
            throw new IllegalArgumentException("k is " + k + ", allowed: 1 … 1024");
        }
        try (Engine engine = engineOptions.open();
                NativeBuffer points = NpyArrays.floats("--queries", queries, 2);
                NativeBuffer classes = labels == null ? null : NpyArrays.ints("--labels", labels);
                NativeBuffer others = reference == null ? null : NpyArrays.floats("--reference", reference, 2);
                NativeBuffer otherClasses =
                        referenceLabels == null ? null : NpyArrays.ints("--reference-labels", referenceLabels);
                NativeBuffer density = NativeBuffer.allocate(DType.FLOAT32, points.dimension(0));
                NativeBuffer distances = NativeBuffer.allocate(DType.FLOAT32, points.dimension(0), k);
                NativeBuffer indices = NativeBuffer.allocate(DType.INT64, points.dimension(0), k)) {
            long fallback = new KnnDensity(k, shortClass)
                    .search(
                            engine,
                            points,
                            classes,
                            others,
                            otherClasses,
                            new KnnDensity.Result(density, distances, indices));
            Map<String, NativeBuffer> arrays = new LinkedHashMap<>();
            arrays.put("density.npy", density);
            arrays.put("distances.npy", distances);
            arrays.put("indices.npy", indices);
            NpyArrays.write(out, arrays);
            print(points.dimension(0), fallback);
        }
        return 0;
    }

    private void print(long rows, long fallback) {
        PrintWriter stdout = spec.commandLine().getOut();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("rows", rows);
        line.put("fallback_rows", fallback);
        line.put("fallback_share", rows == 0 ? 0 : (double) fallback / rows);
        stdout.println(Json.line(line));
        stdout.flush();
    }
}
