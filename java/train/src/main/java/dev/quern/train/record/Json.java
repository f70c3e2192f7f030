package dev.quern.train.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.quern.io.Limits;
import java.io.IOException;

/** The JSON of run folders: plain trees, no types from file content. */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(Limits.JSON_DEPTH)
                            .build())
                    .build())
            .build();

    private Json() {}

    /** Writes numbers and names as all files have them. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** One line. */
    public static String line(Object value) {
        return write(MAPPER, value);
    }

    /** Indented. */
    static String pretty(Object value) {
        return write(MAPPER.copy().enable(SerializationFeature.INDENT_OUTPUT), value) + "\n";
    }

    /**
     * @param source what a message calls the text's origin
     */
    public static JsonNode read(String text, String source) throws IOException {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IOException(source + ": not valid JSON: " + malformed.getOriginalMessage(), malformed);
        }
    }

    private static String write(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
