package dev.quern.cli.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.page.HtmlReport;
import dev.quern.cli.page.LineChart;
import dev.quern.cli.page.ResultTable;
import dev.quern.run.TrainResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The report of one run, from its {@code metrics.jsonl}: accuracy and loss, and where augmentation adapts, what became of the magnitudes. */
final class RunReport {
    /** Up to so many classes have a line each; of more, only the first few. */
    private static final int ALL_CLASSES = 20;

    private static final int FIRST_CLASSES = 8;
    private static final int HISTOGRAMS = 5;

    private final TrainResult result;
    private final List<JsonNode> epochs = new ArrayList<>();
    private final HtmlReport report;

    private RunReport(TrainResult result) throws IOException {
        this.result = result;
        ObjectMapper mapper = new ObjectMapper();
        for (String line : Files.readAllLines(result.folder().resolve("metrics.jsonl"))) {
            epochs.add(mapper.readTree(line));
        }
        ResultTable table = ResultTable.of(List.of(result));
        String introduction = String.format(
                Locale.ROOT,
                "%s on %s, seed %d. Best test accuracy %.2f %% in epoch %d (counted from 0), %.2f %% at the end.",
                result.config().model().label(),
                result.config().dataset(),
                result.config().seed(),
                100 * result.outcome().bestAccuracy(),
                result.outcome().bestEpoch(),
                100 * result.outcome().finalAccuracy());
        report = new HtmlReport("Quern run", introduction, table.columns(), table.rows());
    }

    /**
     * Writes {@code report.html} into the run's folder.
     *
     * @param sheets of augmented images, data addresses by caption
     */
    static Path write(TrainResult result, Map<String, String> sheets) throws IOException {
        RunReport run = new RunReport(result);
        run.chart("test accuracy", "Accuracy on the test images.", run.series("test accuracy", "/test_accuracy"));
        if (result.outcome().longTail().isPresent()) {
            run.longTail();
        }
        run.chart("loss", "Mean loss of the training visits.", run.series("training loss", "/loss"));
        if (!run.epochs.isEmpty() && run.epochs.get(0).has("magnitude")) {
            run.magnitudes();
        }
        if (run.epochs.stream().anyMatch(epoch -> epoch.has("feed"))) {
            run.chart(
                    "similarity",
                    "Similarity of what the network was fed to the training set.",
                    run.series("similarity", "/feed/similarity"));
            run.chart(
                    "diversity", "Diversity of what the network was fed.", run.series("diversity", "/feed/diversity"));
        }
        sheets.forEach((caption, address) -> run.report.image(address, caption));
        Path file = result.folder().resolve("report.html");
        run.report.write(file, "The folder of this file holds configuration, metrics, checkpoints and weights.");
        return file;
    }

    private void longTail() {
        chart(
                "mean accuracy of classes",
                "Accuracy by how many training images a class has.",
                series("many", "/long_tail/many"),
                series("medium", "/long_tail/medium"),
                series("few", "/long_tail/few"));
        if (result.outcome().longTail().orElseThrow().openF().isPresent()) {
            chart(
                    "F-measure",
                    "Known images found and unknown ones rejected.",
                    series("open-set F", "/long_tail/open_f"));
        }
    }

    private void magnitudes() {
        List<LineChart.Series> means = new ArrayList<>(List.of(series("mean", "/magnitude/mean")));
        Optional<LineChart.Series> published = PublishedMagnitudes.of(result.config(), result.epochs());
        published.ifPresent(means::add);
        String beside = published.isEmpty() ? "" : ", and of a published run of ResNet-18 over 300 epochs, stretched";
        chart("magnitude", "Mean magnitude of all samples" + beside + ".", means.toArray(LineChart.Series[]::new));
        chart(
                "share of samples",
                "Samples by magnitude, in ten bins, after some of the epochs.",
                histograms().toArray(LineChart.Series[]::new));
        if (epochs.get(0).at("/magnitude").has("reward")) {
            chart(
                    "reward",
                    "Mean reward of the agent, and the weight λ of its first term.",
                    series("mean reward", "/magnitude/reward"),
                    series("λ", "/magnitude/lambda"));
        }
        classMagnitudes();
    }

    private void classMagnitudes() {
        int classes = epochs.get(0).at("/magnitude/class_means").size();
        int shown = classes <= ALL_CLASSES ? classes : FIRST_CLASSES;
        String which =
                shown == classes ? "every class." : shown + " of " + classes + " classes; all are in metrics.jsonl.";
        chart(
                "magnitude",
                "Mean magnitude of " + which,
                IntStream.range(0, shown)
                        .mapToObj(c -> series("class " + c, "/magnitude/class_means/" + c))
                        .toArray(LineChart.Series[]::new));
    }

    private List<LineChart.Series> histograms() {
        List<LineChart.Series> shown = new ArrayList<>();
        int last = epochs.size() - 1;
        int wanted = Math.min(HISTOGRAMS, epochs.size());
        for (int i = 0; i < wanted; i++) {
            int epoch = wanted == 1 ? last : i * last / (wanted - 1);
            JsonNode bins = epochs.get(epoch).at("/magnitude/histogram");
            double[] x = new double[bins.size()];
            double[] y = new double[bins.size()];
            for (int bin = 0; bin < x.length; bin++) {
                x[bin] = (bin + 0.5) / x.length;
                y[bin] = bins.get(bin).asDouble() / result.trainSize();
            }
            shown.add(new LineChart.Series("epoch " + epoch, x, y));
        }
        return shown;
    }

    private void chart(String yLabel, String caption, LineChart.Series... lines) {
        String xLabel = lines.length > 0 && lines[0].name().startsWith("epoch") ? "magnitude" : "epoch";
        report.chart(new LineChart(xLabel, yLabel, List.of(lines)), caption);
    }

    /** The epochs that have a number at a place of their metrics. */
    private LineChart.Series series(String name, String place) {
        List<JsonNode> found =
                epochs.stream().filter(epoch -> epoch.at(place).isNumber()).toList();
        return new LineChart.Series(
                name,
                values(found, epoch -> epoch.get("epoch").asDouble()),
                values(found, epoch -> epoch.at(place).asDouble()));
    }

    private static double[] values(List<JsonNode> nodes, ToDoubleFunction<JsonNode> value) {
        return nodes.stream().mapToDouble(value).toArray();
    }
}
