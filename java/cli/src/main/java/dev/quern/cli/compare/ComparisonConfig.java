package dev.quern.cli.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.cli.terminal.ConfigFile;
import dev.quern.data.NearestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What is compared with what, from a YAML file.
 *
 * @param dataset specification
 * @param out folder of everything
 * @param methods full, and any method of 'quern select' or 'quern train'
 * @param ratios of all of them but full
 * @param faults by name: options of what is wrong with the training set
 * @param train options that all trainings share
 * @param select options that all selections share
 * @param workers processes
 */
record ComparisonConfig(
        String dataset,
        Path out,
        List<String> methods,
        List<Double> ratios,
        List<Long> seeds,
        List<String> models,
        Map<String, Map<String, String>> faults,
        Map<String, String> train,
        Map<String, String> select,
        int workers) {
    private static final List<String> KEYS =
            List.of("dataset", "out", "methods", "ratios", "seeds", "models", "faults", "train", "select", "workers");

    /** @throws IllegalArgumentException naming the file, the key and what is allowed */
    static ComparisonConfig read(Path file) throws IOException {
        JsonNode root = ConfigFile.tree(file);
        root.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        file + ": unknown key '" + key + "', nearest: " + NearestName.of(key, KEYS));
            }
        });
        Keys keys = new Keys(file, root);
        Map<String, Map<String, String>> faults = new LinkedHashMap<>();
        root.path("faults").properties().forEach(entry -> faults.put(entry.getKey(), keys.options(entry.getValue())));
        if (faults.isEmpty()) {
            faults.put("clean", Map.of());
        }
        return new ComparisonConfig(
                keys.text("dataset"),
                Path.of(keys.text("out")),
                keys.list("methods", JsonNode::asText),
                keys.list("ratios", keys::number),
                root.has("seeds") ? keys.list("seeds", seed -> (long) keys.number(seed)) : List.of(0L),
                root.has("models") ? keys.list("models", JsonNode::asText) : List.of("resnet20"),
                faults,
                keys.options(root.path("train")),
                keys.options(root.path("select")),
                root.path("workers").asInt(1));
    }

    private record Keys(Path file, JsonNode root) {
        String text(String key) {
            if (!root.path(key).isValueNode()) {
                throw new IllegalArgumentException(file + ": " + key + " is missing, allowed: one value");
            }
            return root.get(key).asText();
        }

        <T> List<T> list(String key, Function<JsonNode, T> value) {
            JsonNode node = root.path(key);
            if (!node.isArray() || node.isEmpty()) {
                throw new IllegalArgumentException(file + ": " + key + " is "
                        + (node.isMissingNode() ? "missing" : node) + ", allowed: a list such as [a, b]");
            }
            List<T> values = new ArrayList<>();
            node.forEach(element -> values.add(value.apply(element)));
            return values.stream().distinct().toList();
        }

        double number(JsonNode node) {
            if (!node.isNumber()) {
                throw new IllegalArgumentException(file + ": " + node + " is in a list of numbers");
            }
            return node.asDouble();
        }

        Map<String, String> options(JsonNode node) {
            Map<String, String> options = new LinkedHashMap<>();
            node.properties().forEach(entry -> {
                if (!entry.getValue().isValueNode()) {
                    throw new IllegalArgumentException(file + ": " + entry.getKey() + " is not a single value");
                }
                options.put(entry.getKey(), entry.getValue().asText());
            });
            return options;
        }
    }
}
