package dev.quern.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the results in a folder were made with, as {@code settings.json}: results of other settings are not mixed with them. */
public final class KeptSettings {
    private KeptSettings() {}

    /**
     * Adds {@code settings} to those of the folder.
     *
     * @throws IllegalArgumentException naming the first setting that the folder's results have otherwise
     */
    public static void require(Path folder, Map<String, Object> settings) throws IOException {
        Path file = folder.resolve("settings.json");
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode kept = mapper.createObjectNode();
        if (Files.exists(file)) {
            kept = mapper.readValue(file.toFile(), ObjectNode.class);
        }
        for (Map.Entry<String, JsonNode> now :
                mapper.readTree(Json.line(settings)).properties()) {
            JsonNode before = kept.path(now.getKey());
            if (!before.isMissingNode() && !before.equals(now.getValue())) {
                throw new IllegalArgumentException("--out " + folder + " holds results with " + now.getKey() + " "
                        + before + ", not " + now.getValue() + ", allowed: the same settings or another folder");
            }
            kept.set(now.getKey(), now.getValue());
        }
        AtomicFile.writeText(file, Json.line(kept) + "\n");
    }
}
