package dev.quern.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.cli.page.HeatMap;
import dev.quern.cli.page.HtmlReport;
import dev.quern.cli.page.ScatterChart;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Similarity against diversity, as tables for machines and a page for people.
 *
 * @param lines measures of each augmentation
 * @param classes names of the classes that took part
 * @param accuracies after training with an augmentation, in [0, 1]; empty where there are no runs
 */
record AnalysisReport(String dataset, List<JsonNode> lines, List<String> classes, Map<String, Double> accuracies) {
    private static final List<String> MEASURES = List.of("similarity", "diversity", "affinity");

    /** Writes {@code analysis.csv}, {@code analysis.json} and {@code report.html}. */
    void write(Path folder, String examples) throws IOException {
        AtomicFile.writeText(folder.resolve("analysis.csv"), csv());
        AtomicFile.writeText(
                folder.resolve("analysis.json"),
                lines.stream().map(JsonNode::toString).collect(Collectors.joining(",\n", "[", "]\n")));
        HtmlReport report = new HtmlReport(
                "Quern analysis",
                lines.size() + " augmentations of " + dataset
                        + ". Similarity is minus the dataset distance (higher is closer), diversity the normalised one at nine tenths of"
                        + " the variance, affinity the change in accuracy on augmented test images.",
                columns(),
                lines.stream().map(this::row).toList());
        report.chart(
                new ScatterChart("diversity", "similarity", points()).svg(),
                "Similarity against diversity; colour: " + (accuracies.isEmpty() ? "affinity" : "accuracy of the runs")
                        + ", from blue (lowest) to red (highest), grey without one. Point at a mark for its name.");
        report.chart(
                heatMap().svg(),
                "Distance between each class and its augmented self: from light (nearest) to dark. Point at a cell for its value.");
        report.image(
                examples,
                "The first eight images as they are, and below them under each augmentation, in the table's order.");
        report.write(
                folder.resolve("report.html"),
                "analysis.json beside this file holds every measure and the distances of all classes.");
    }

    private String csv() {
        return lines.stream()
                .map(line -> "\"" + line.get("augment").asText() + "\","
                        + MEASURES.stream().map(name -> line.get(name).asText()).collect(Collectors.joining(","))
                        + (accuracies.isEmpty() ? "" : "," + accuracies.getOrDefault(name(line), Double.NaN)))
                .collect(Collectors.joining(
                        "\n",
                        "augment," + String.join(",", MEASURES) + (accuracies.isEmpty() ? "\n" : ",accuracy\n"),
                        "\n"));
    }

    private List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("augmentation"));
        columns.addAll(MEASURES);
        columns.add("stable");
        if (!accuracies.isEmpty()) {
            columns.add("accuracy");
        }
        return columns;
    }

    private List<String> row(JsonNode line) {
        List<String> row = new ArrayList<>(List.of(name(line)));
        MEASURES.forEach(measure -> row.add(number(line.get(measure).asDouble())));
        row.add(line.get("diversity_stable").asBoolean() ? "yes" : "no");
        if (!accuracies.isEmpty()) {
            row.add(accuracies.containsKey(name(line)) ? number(accuracies.get(name(line))) : "–");
        }
        return row;
    }

    private List<ScatterChart.Point> points() {
        double[] shades = lines.stream()
                .mapToDouble(line -> accuracies.isEmpty()
                        ? line.get("affinity").asDouble()
                        : accuracies.getOrDefault(name(line), Double.NaN))
                .toArray();
        double lowest = Double.POSITIVE_INFINITY;
        double highest = Double.NEGATIVE_INFINITY;
        for (double shade : shades) {
            lowest = shade < lowest ? shade : lowest;
            highest = shade > highest ? shade : highest;
        }
        List<ScatterChart.Point> points = new ArrayList<>();
        for (int i = 0; i < shades.length; i++) {
            JsonNode line = lines.get(i);
            double shade = highest > lowest ? (shades[i] - lowest) / (highest - lowest) : 1;
            points.add(new ScatterChart.Point(
                    name(line),
                    line.get("diversity").asDouble(),
                    line.get("similarity").asDouble(),
                    shade));
        }
        return points;
    }

    private HeatMap heatMap() {
        double[][] distances = new double[lines.size()][classes.size()];
        for (int i = 0; i < distances.length; i++) {
            JsonNode table = lines.get(i).get("label_distances");
            for (int c = 0; c < classes.size(); c++) {
                distances[i][c] = table.get(c).get(classes.size() + c).asDouble();
            }
        }
        return new HeatMap(lines.stream().map(AnalysisReport::name).toList(), classes, distances);
    }

    private static String name(JsonNode line) {
        return line.get("augment").asText();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
