package dev.quern.bench;

import dev.quern.bench.peer.Settings;
import dev.quern.bench.table.LogChart;
import dev.quern.bench.table.LogChart.Line;
import dev.quern.bench.table.LogChart.Point;
import dev.quern.bench.table.ResultTable;
import dev.quern.bench.table.Timing;
import dev.quern.bench.workload.AugmentWorkload;
import dev.quern.bench.workload.Contestant;
import dev.quern.bench.workload.KnnWorkload;
import dev.quern.bench.workload.KnnWorkload.Among;
import dev.quern.bench.workload.SinkhornWorkload;
import dev.quern.bench.workload.Workload;
import dev.quern.kernels.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.LongUnaryOperator;

/** How time and memory grow with the size of the input: a table on standard output, two SVG plots per kernel. */
final class Growth {
    private static final Map<String, Series> SERIES = Map.of(
            "knn",
            new Series(
                    "rows of 512, k = 10",
                    List.of(10_000, 20_000, 50_000, 100_000, 200_000),
                    n -> new KnnWorkload(n, 512, Among.ALL),
                    n -> 4 * 512 * n),
            "sinkhorn",
            new Series(
                    "N of B problems N², B·N² = 640,000",
                    List.of(50, 100, 200, 400, 800),
                    n -> new SinkhornWorkload(640_000 / (n * n), n),
                    n -> 2 * 4 * 640_000),
            "augment",
            new Series(
                    "images of 32²",
                    List.of(1, 4, 16, 64, 256, 1024, 4096),
                    n -> new AugmentWorkload(n, 32),
                    n -> 5 * 3 * 32 * 32 * n));

    /** Those whose growth is measured. */
    static final List<String> KERNELS = List.of("sinkhorn", "knn", "augment");

    private final Settings settings;
    private final Path folder;

    /**
     * @param workload of a size
     * @param bytes of the arrays that go in and come out, by size
     */
    private record Series(
            String sizes, List<Integer> values, IntFunction<Workload> workload, LongUnaryOperator bytes) {}

    /** One size: seconds of the median call, bytes at the peak beyond the arrays that go in and come out. */
    private record Sample(int size, Timing timing, long workspace) {}

    /** Plots go into {@code folder}. */
    Growth(Settings settings, Path folder) {
        this.settings = settings;
        this.folder = folder;
    }

    /** Measures one kernel. */
    Map<String, Object> of(String kernel) throws IOException {
        Series series = SERIES.get(kernel);
        List<Sample> samples = new ArrayList<>();
        for (int size : series.values()) {
            Sample sample = sample(series, size);
            samples.add(sample);
            System.out.printf(
                    "| %s | %,d %s | %s ms | %.1f MB beyond %.1f MB of arrays |%n",
                    kernel,
                    size,
                    series.sizes(),
                    ResultTable.milliseconds(sample.timing().median()),
                    sample.workspace() / 1e6,
                    series.bytes().applyAsLong(size) / 1e6);
        }
        plot(
                kernel,
                "time",
                series,
                "ms",
                samples.stream()
                        .map(sample -> new Point(sample.size(), sample.timing().median() * 1e3))
                        .toList());
        plot(
                kernel,
                "memory",
                series,
                "MB",
                samples.stream()
                        .map(sample -> new Point(sample.size(), Math.max(4096, sample.workspace()) / 1e6))
                        .toList());
        return Map.of("sizes", series.sizes(), "samples", samples);
    }

    private Sample sample(Series series, int size) throws IOException {
        try (Workload workload = series.workload().apply(size);
                Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(settings.threads()))) {
            PeakMemory peak = PeakMemory.begin();
            workload.run(engine);
            long workspace = Math.max(peak.growth(), engine.workspaceBytes());
            Contestant ours = new Contestant.Ours(workload, engine);
            Map<Contestant, Timing> timings = Timing.inTurns(List.of(ours), settings.effort(), (who, failure) -> {});
            return new Sample(size, timings.get(ours), workspace);
        }
    }

    private void plot(String kernel, String what, Series series, String unit, List<Point> points) throws IOException {
        Line measured = new Line("measured", points);
        LogChart chart = new LogChart(kernel + ": " + what, series.sizes(), unit, List.of(measured));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("growth-" + kernel + "-" + what + ".svg"), chart.svg());
    }
}
