package dev.quern.cli.compare;

import dev.quern.cli.page.ContactSheet;
import dev.quern.cli.page.HtmlReport;
import dev.quern.cli.page.LineChart;
import dev.quern.cli.page.ResultTable;
import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.ForwardingListener;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.data.format.DatasetSpec;
import dev.quern.io.NpyFile;
import dev.quern.run.Method;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.run.Training;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains by three methods on procedural images, and compares them. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Trains ResNet-20 on procedural shapes: all data, a random subset, and the joint selection at 30 %%.",
            "Prints a table and writes an HTML report; a few minutes, no download."
        },
        footer = {"", "Example: quern demo --out runs/demo"})
public final class DemoCommand implements Callable<Integer> {
    private static final double RATIO = 0.3;
    private static final double ANNEALING = 0.875;
    private static final int SHOWN = 60;
    private static final int SHEET_COLUMNS = 20;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder of the runs and the report (default: runs/demo-DATE)")
    private Path out;

    @Option(
            names = "--epochs",
            paramLabel = "E",
            defaultValue = "12",
            description = "of every run (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "(default: ${DEFAULT-VALUE})")
    private long seed;

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
        Path folder = out != null
                ? out
                : Path.of(
                        "runs",
                        "demo-" + DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now()));
        Splits data = DatasetSpec.parse("shapes").open(DatasetOptions.DEFAULT.withSeed(seed));
        List<TrainResult> results = new ArrayList<>();
        List<LineChart.Series> accuracies = new ArrayList<>();
        try (Interruption interruption = new Interruption()) {
            for (TrainConfig config : configurations()) {
                Curve curve = new Curve();
                TrainResult result = run(config, data, folder, interruption, curve);
                if (result.outcome().status() == TrainOutcome.Status.INTERRUPTED) {
                    return Failures.INTERRUPTED;
                }
                results.add(result);
                accuracies.add(curve.series(ResultTable.name(result)));
            }
        }
        ResultTable table = ResultTable.of(results);
        Path report = folder.resolve("report.html");
        writeReport(report, data, table, results, accuracies);
        PrintWriter stdout = spec.commandLine().getOut();
        stdout.println(table.text());
        stdout.println("report: " + report);
        stdout.flush();
        return 0;
    }

    private List<TrainConfig> configurations() {
        TrainConfig base = TrainConfig.DEFAULT
                .withEpochs(epochs, TrainConfig.Visits.EQUAL_EPOCHS)
                .withSeed(seed);
        return List.of(
                base,
                base.withMethod(Method.RANDOM, RATIO).withAnnealing(ANNEALING),
                base.withMethod(Method.JOINT, RATIO).withAnnealing(ANNEALING));
    }

    private TrainResult run(TrainConfig config, Splits data, Path folder, Interruption interruption, Curve curve)
            throws IOException {
        String label = config.method().label();
        try (ProgressDisplay display = ProgressDisplay.of(progress, label, config.epochs())) {
            curve.then(display);
            return Training.run(config, data, folder.resolve(label), RunFolder.Start.NEW, curve, interruption.stop());
        }
    }

    private void writeReport(
            Path file, Splits data, ResultTable table, List<TrainResult> results, List<LineChart.Series> accuracies)
            throws IOException {
        String introduction = String.format(
                Locale.ROOT,
                "ResNet-20 on %,d procedural shapes of %d classes, some of them with wrong labels; %d epochs, seed %d. 'visits' is the true"
                        + " share of sample visits, the last epochs on all data included; 'wrong labels' the share of visits to samples"
                        + " whose label is known to be wrong.",
                data.train().size(),
                data.train().classNames().size(),
                epochs,
                seed);
        HtmlReport report = new HtmlReport("Quern demo", introduction, table.columns(), table.rows());
        report.chart(
                new LineChart("visits, in epochs of all data", "test accuracy", accuracies),
                "Accuracy against visits.");
        int[] byDraws =
                byDraws(results.get(results.size() - 1).folder(), data.train().size());
        report.image(
                ContactSheet.png(
                        data.train(), IntStream.of(byDraws).limit(SHOWN).toArray(), SHEET_COLUMNS),
                "The samples that the joint method drew most often.");
        report.image(
                ContactSheet.png(
                        data.train(),
                        IntStream.of(byDraws).skip(byDraws.length - SHOWN).toArray(),
                        SHEET_COLUMNS),
                "The samples that it drew least often.");
        report.write(
                file,
                "Every run folder beside this file holds its configuration, metrics, selected samples and weights.");
    }

    /** Sample indices, the most often selected first. */
    private static int[] byDraws(Path run, int samples) throws IOException {
        int[] draws = new int[samples];
        try (Stream<Path> epochs = Files.list(run.resolve("indices"))) {
            for (Path file : epochs.toList()) {
                for (int sample : NpyFile.read(file).toInts()) {
                    draws[sample]++;
                }
            }
        }
        return IntStream.range(0, samples)
                .boxed()
                .sorted(Comparator.comparingInt((Integer sample) -> -draws[sample]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Keeps the accuracies of a run on their way to the display. */
    private static final class Curve extends ForwardingListener {
        private final List<EpochMetrics> epochs = new ArrayList<>();

        @Override
        public void epoch(EpochMetrics metrics) {
            epochs.add(metrics);
            super.epoch(metrics);
        }

        LineChart.Series series(String name) {
            List<EpochMetrics> evaluated = epochs.stream()
                    .filter(metrics -> metrics.accuracy().isPresent())
                    .toList();
            return new LineChart.Series(
                    name,
                    evaluated.stream()
                            .mapToDouble(metrics -> metrics.visitShare() * this.epochs.size())
                            .toArray(),
                    evaluated.stream()
                            .mapToDouble(metrics -> metrics.accuracy().getAsDouble())
                            .toArray());
        }
    }
}
