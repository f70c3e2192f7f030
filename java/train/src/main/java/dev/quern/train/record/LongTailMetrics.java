package dev.quern.train.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalDouble;

/**
 * How well the classes are known by the number of their training images, and unknown ones rejected.
 *
 * @param many mean accuracy of the classes with many training images, in [0, 1]; empty where there is no such class
 * @param medium of those between
 * @param few of those with few
 * @param openF F-measure over known and unknown images, in [0, 1]; empty where there are no unknown ones
 */
public record LongTailMetrics(OptionalDouble many, OptionalDouble medium, OptionalDouble few, OptionalDouble openF) {
    public ObjectNode toJson() {
        ObjectNode node = Json.mapper().createObjectNode();
        many.ifPresent(value -> node.put("many", value));
        medium.ifPresent(value -> node.put("medium", value));
        few.ifPresent(value -> node.put("few", value));
        openF.ifPresent(value -> node.put("open_f", value));
        return node;
    }

    /** As {@link #toJson} wrote it. */
    public static LongTailMetrics fromJson(JsonNode node) {
        return new LongTailMetrics(
                value(node, "many"), value(node, "medium"), value(node, "few"), value(node, "open_f"));
    }

    private static OptionalDouble value(JsonNode node, String field) {
        return node.path(field).isNumber() ? OptionalDouble.of(node.get(field).asDouble()) : OptionalDouble.empty();
    }
}
