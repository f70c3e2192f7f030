package dev.quern.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Comma-separated values (RFC 4180). */
public final class CsvText {
    private CsvText() {}

    /** A line an object under a header of the first one's fields; fields of fields are joined by underscores, elements of arrays by spaces. */
    public static String of(List<? extends JsonNode> objects) {
        StringBuilder csv = new StringBuilder();
        for (JsonNode object : objects) {
            Map<String, String> cells = new LinkedHashMap<>();
            flatten("", object, cells);
            if (csv.isEmpty()) {
                csv.append(String.join(",", cells.keySet())).append('\n');
            }
            csv.append(cells.values().stream().map(CsvText::quoted).collect(Collectors.joining(",", "", "\n")));
        }
        return csv.toString();
    }

    /** A value as one cell. */
    public static String quoted(String cell) {
        return cell.matches("[^\",\r\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    private static void flatten(String name, JsonNode value, Map<String, String> cells) {
        if (value.isObject()) {
            value.properties()
                    .forEach(field -> flatten(
                            name.isEmpty() ? field.getKey() : name + "_" + field.getKey(), field.getValue(), cells));
        } else if (value.isArray()) {
            cells.put(
                    name,
                    StreamSupport.stream(value.spliterator(), false)
                            .map(JsonNode::asText)
                            .collect(Collectors.joining(" ")));
        } else {
            cells.put(name, value.isNull() ? "" : value.asText());
        }
    }
}
