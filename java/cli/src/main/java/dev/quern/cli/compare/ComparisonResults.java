package dev.quern.cli.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.cli.terminal.CsvText;
import dev.quern.cli.terminal.Json;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the finished trainings of a comparison came to: each, and over the seeds. */
final class ComparisonResults {
    private ComparisonResults() {}

    /** Writes {@code results.csv}, {@code results.json} and {@code report.html} of what is finished so far. */
    static void write(Comparison comparison) throws IOException {
        List<ObjectNode> lines = new ArrayList<>();
        Map<ComparedRun.Group, List<ObjectNode>> groups = new LinkedHashMap<>();
        for (ComparedRun run : comparison.runs()) {
            Optional<JsonNode> result = run.result();
            if (result.isPresent()) {
                ObjectNode line = line(run, result.get());
                lines.add(line);
                groups.computeIfAbsent(run.group(), absent -> new ArrayList<>()).add(line);
            }
        }
        List<ComparedMean> means = groups.entrySet().stream()
                .map(group -> ComparedMean.of(group.getKey(), group.getValue()))
                .toList();
        Path out = comparison.config().out();
        AtomicFile.writeText(out.resolve("results.csv"), CsvText.of(lines));
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.put("dataset", comparison.config().dataset());
        ArrayNode overSeeds = all.putArray("over_seeds");
        means.forEach(mean -> overSeeds.add(mean.toJson()));
        all.putArray("runs").addAll(lines);
        AtomicFile.writeText(out.resolve("results.json"), Json.pretty(all) + "\n");
        ComparisonReport.write(comparison, means);
    }

    /** Seconds of selection are those of choosing before the training, its surrogate included, or while training. */
    private static ObjectNode line(ComparedRun run, JsonNode result) throws IOException {
        ComparedRun.Group group = run.group();
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("fault", group.fault()).put("model", group.model());
        line.put("method", group.method()).put("ratio", group.ratio()).put("seed", run.seed());
        line.set("final_accuracy", result.get("final_accuracy"));
        line.set("best_accuracy", result.get("best_accuracy"));
        line.set("visit_share", result.get("visit_share"));
        line.set("wrong_label_share", result.get("wrong_label_share"));
        Optional<JsonNode> chosen = run.selection().isPresent()
                ? run.selection().get().summary(group.method(), group.ratio())
                : Optional.empty();
        line.set(
                "corrupted_share",
                chosen.map(summary -> summary.get("corrupted_share")).orElse(JsonNodeFactory.instance.nullNode()));
        JsonNode seconds = result.get("seconds");
        double choosing = chosen.isPresent()
                ? sum(chosen.get().get("seconds"), "surrogate", "encoder", "alignment", "diversity", "scores", "choose")
                : sum(seconds, "dual_encoder", "select");
        line.put("selection_seconds", choosing);
        line.put("training_seconds", sum(seconds, "augment", "train"));
        return line;
    }

    private static double sum(JsonNode seconds, String... phases) {
        double sum = 0;
        for (String phase : phases) {
            sum += seconds.get(phase).asDouble();
        }
        return sum;
    }
}
