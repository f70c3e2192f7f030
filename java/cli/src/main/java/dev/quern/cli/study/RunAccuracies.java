package dev.quern.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What training with each augmentation led to, from a folder of run folders. */
final class RunAccuracies {
    private RunAccuracies() {}

    /** Mean final accuracy of the finished runs of every augmentation, in [0, 1]. */
    static Map<String, Double> read(Path runs) throws IOException {
        if (!Files.isDirectory(runs)) {
            throw new IllegalArgumentException("--runs " + runs + " is not a folder, allowed: a folder of run folders");
        }
        List<Path> results;
        try (Stream<Path> folders = Files.list(runs)) {
            results = folders.map(folder -> folder.resolve("result.json"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
        Map<String, List<Double>> accuracies = new TreeMap<>();
        for (Path file : results) {
            JsonNode result = new ObjectMapper().readTree(file.toFile());
            if (result.path("status").asText().equals("finished")) {
                accuracies
                        .computeIfAbsent(result.path("augmentation").asText(), absent -> new ArrayList<>())
                        .add(result.path("final_accuracy").asDouble());
            }
        }
        if (accuracies.isEmpty()) {
            throw new IllegalArgumentException("--runs " + runs + " holds no finished run, allowed: at least one");
        }
        return accuracies.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElseThrow()));
    }
}
