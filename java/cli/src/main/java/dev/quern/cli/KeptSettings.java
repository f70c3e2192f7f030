package dev.quern.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the results in a folder were made with, as {@code settings.json}: results of other settings are not mixed with them. */
final class KeptSettings {
    private KeptSettings() {}

    /** @throws IllegalArgumentException naming the first setting that the folder's results have otherwise */
    static void require(Path folder, Map<String, Object> settings) throws IOException {
        Path file = folder.resolve("settings.json");
        if (Files.exists(file)) {
            JsonNode before = new ObjectMapper().readTree(file.toFile());
            JsonNode now = new ObjectMapper().readTree(Json.line(settings));
            for (String name : settings.keySet()) {
                if (!now.get(name).equals(before.get(name))) {
                    throw new IllegalArgumentException(
                            "--out " + folder + " holds results with " + name + " " + before.get(name) + ", not "
                                    + now.get(name) + ", allowed: the same settings or another folder");
                }
            }
        }
        AtomicFile.writeText(file, Json.line(settings) + "\n");
    }
}
