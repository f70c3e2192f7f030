package dev.quern.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Similarity against diversity, as a table for machines and a page for people. */
final class AnalysisReport {
    private static final List<String> MEASURES = List.of("similarity", "diversity", "affinity");

    private AnalysisReport() {}

    /** Writes {@code analysis.csv} and {@code report.html}. */
    static void write(Path folder, String dataset, List<JsonNode> lines) throws IOException {
        String csv = lines.stream()
                .map(line -> "\"" + line.get("augment").asText() + "\","
                        + MEASURES.stream().map(name -> line.get(name).asText()).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "augment," + String.join(",", MEASURES) + "\n", "\n"));
        AtomicFile.writeText(folder.resolve("analysis.csv"), csv);
        List<List<String>> rows = lines.stream()
                .map(line -> List.of(
                        line.get("augment").asText(),
                        number(line, "similarity"),
                        number(line, "diversity"),
                        number(line, "affinity"),
                        line.get("diversity_stable").asBoolean() ? "yes" : "no"))
                .toList();
        HtmlReport report = new HtmlReport(
                "Quern analysis",
                lines.size() + " augmentations of " + dataset
                        + ". Similarity is minus the dataset distance (higher is closer), diversity the normalised one at nine tenths of"
                        + " the variance, affinity the change in accuracy on augmented test images.",
                List.of("augmentation", "similarity", "diversity", "affinity", "stable"),
                rows);
        double lowest = lines.stream()
                .mapToDouble(line -> line.get("affinity").asDouble())
                .min()
                .orElse(0);
        double highest = lines.stream()
                .mapToDouble(line -> line.get("affinity").asDouble())
                .max()
                .orElse(0);
        List<ScatterChart.Point> points = lines.stream()
                .map(line -> new ScatterChart.Point(
                        line.get("augment").asText(),
                        line.get("diversity").asDouble(),
                        line.get("similarity").asDouble(),
                        highest > lowest ? (line.get("affinity").asDouble() - lowest) / (highest - lowest) : 1))
                .toList();
        report.chart(
                new ScatterChart("diversity", "similarity", points).svg(),
                "Similarity against diversity; colour: affinity, from blue (lowest) to red (highest). Point at a mark for its name.");
        report.write(
                folder.resolve("report.html"), "analysis.jsonl beside this file holds every measure and distance.");
    }

    private static String number(JsonNode line, String name) {
        return String.format(Locale.ROOT, "%.4g", line.get(name).asDouble());
    }
}
