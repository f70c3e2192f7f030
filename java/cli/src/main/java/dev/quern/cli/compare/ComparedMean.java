package dev.quern.cli.compare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/**
 * Trainings that differ by their seed alone, together. Shares and accuracies in [0, 1]; NaN where nothing is known.
 *
 * @param deviation of the accuracies, of the sample (n − 1); NaN for one
 */
record ComparedMean(
        ComparedRun.Group group,
        int seeds,
        double accuracy,
        double deviation,
        double bestAccuracy,
        double wrongShare,
        double corruptedShare,
        double visitShare,
        double selectionSeconds,
        double trainingSeconds) {
    static final List<String> COLUMNS = List.of(
            "faults, model",
            "method",
            "ratio",
            "seeds",
            "accuracy",
            "best",
            "wrong labels",
            "corrupted",
            "visits",
            "selection s",
            "training s");

    static ComparedMean of(ComparedRun.Group group, List<ObjectNode> lines) {
        double accuracy = mean(lines, "final_accuracy");
        double squares = lines.stream()
                .mapToDouble(line -> line.get("final_accuracy").asDouble() - accuracy)
                .map(difference -> difference * difference)
                .sum();
        return new ComparedMean(
                group,
                lines.size(),
                accuracy,
                lines.size() > 1 ? Math.sqrt(squares / (lines.size() - 1)) : Double.NaN,
                mean(lines, "best_accuracy"),
                mean(lines, "wrong_label_share"),
                mean(lines, "corrupted_share"),
                mean(lines, "visit_share"),
                mean(lines, "selection_seconds"),
                mean(lines, "training_seconds"));
    }

    private static double mean(List<ObjectNode> lines, String field) {
        return lines.stream()
                .mapToDouble(line -> line.get(field).asDouble(Double.NaN))
                .average()
                .orElse(Double.NaN);
    }

    List<String> row() {
        return List.of(
                group.fault() + ", " + group.model(),
                group.method(),
                String.valueOf(group.ratio()),
                String.valueOf(seeds),
                seeds > 1
                        ? String.format(Locale.ROOT, "%.1f ± %.1f %%", 100 * accuracy, 100 * deviation)
                        : percent(accuracy),
                percent(bestAccuracy),
                percent(wrongShare),
                percent(corruptedShare),
                percent(visitShare),
                String.format(Locale.ROOT, "%.1f", selectionSeconds),
                String.format(Locale.ROOT, "%.1f", trainingSeconds));
    }

    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("fault", group.fault()).put("model", group.model());
        node.put("method", group.method()).put("ratio", group.ratio()).put("seeds", seeds);
        put(node, "accuracy_mean", accuracy);
        put(node, "accuracy_std", deviation);
        put(node, "best_accuracy_mean", bestAccuracy);
        put(node, "wrong_label_share", wrongShare);
        put(node, "corrupted_share", corruptedShare);
        put(node, "visit_share", visitShare);
        put(node, "selection_seconds", selectionSeconds);
        put(node, "training_seconds", trainingSeconds);
        return node;
    }

    private static void put(ObjectNode node, String field, double value) {
        if (Double.isNaN(value)) {
            node.putNull(field);
        } else {
            node.put(field, value);
        }
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
