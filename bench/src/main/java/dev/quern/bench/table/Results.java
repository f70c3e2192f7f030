package dev.quern.bench.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.quern.bench.peer.Settings;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a run found, with where and from what it was measured, as JSON. */
public final class Results {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Map<String, Object> parts = new LinkedHashMap<>();

    /** Of a run on this machine, today. */
    public Results(Settings settings) throws IOException {
        parts.put("date", LocalDate.now().toString());
        parts.put("effort", settings.effort());
        parts.put("threads", settings.threads());
        parts.put("machine", Machine.description(settings.root()));
    }

    /** Adds a part under a name. */
    public Results with(String name, Object part) {
        parts.put(name, part);
        return this;
    }

    /** Replaces {@code file}, atomically. */
    public void write(Path file) throws IOException {
        byte[] text = MAPPER.writeValueAsBytes(parts);
        AtomicFile.write(file, channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(text)));
    }

    /** The rows of a file that {@link #write} made. */
    public static Row[] rows(Path file) throws IOException {
        JsonNode rows = MAPPER.readTree(Files.readAllBytes(file)).path("rows");
        return MAPPER.treeToValue(rows, Row[].class);
    }
}
