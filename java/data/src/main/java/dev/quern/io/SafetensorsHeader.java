package dev.quern.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file: where each tensor lies. Offsets count from the end of the header; the tensors fill the data without holes
 * or overlaps.
 *
 * @param tensors by name, in the order of their data
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Limits.JSON_DEPTH)
                    .maxNumberLength(20)
                    .maxStringLength(Limits.SAFETENSORS_HEADER_BYTES)
                    .build())
            .build();

    /** @param begin first byte; @param end byte behind the last */
    record Entry(String name, TensorType type, long[] shape, long begin, long end) {}

    static SafetensorsHeader parse(Path file, byte[] json, int from, int length, long dataBytes) throws IOException {
        try (JsonParser parser = JSON.createParser(utf8(json, from, length))) {
            SafetensorsHeader header = new Parser(file, parser).parse();
            header.requireGapless(file, dataBytes);
            return header;
        } catch (MalformedFileException malformed) {
            throw malformed;
        } catch (IOException malformed) {
            throw new MalformedFileException(file, "header is not accepted JSON: " + firstLine(malformed), malformed);
        }
    }

    /** Strict UTF-8; the JSON parser on its own would also take UTF-16 and UTF-32. */
    private static Reader utf8(byte[] json, int from, int length) {
        return new InputStreamReader(new ByteArrayInputStream(json, from, length), StandardCharsets.UTF_8.newDecoder());
    }

    private void requireGapless(Path file, long dataBytes) throws MalformedFileException {
        long position = 0;
        for (Entry entry : tensors.values()) {
            if (entry.begin() != position) {
                throw new MalformedFileException(
                        file,
                        "data_offsets of tensor '" + entry.name() + "'",
                        "[" + entry.begin() + "," + entry.end() + "]",
                        "a start at " + position
                                + (entry.begin() < position
                                        ? " (it overlaps another tensor)"
                                        : " (a hole lies before it)"));
            }
            position = entry.end();
        }
        if (position != dataBytes) {
            throw new MalformedFileException(file, "data", dataBytes + " bytes", position + " bytes, by the header");
        }
    }

    private static String firstLine(IOException malformed) {
        return String.valueOf(malformed.getMessage()).lines().findFirst().orElse("");
    }

    private static final class Parser {
        private final Path file;
        private final JsonParser json;
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, String> metadata = new TreeMap<>();

        Parser(Path file, JsonParser json) {
            this.file = file;
            this.json = json;
        }

        SafetensorsHeader parse() throws IOException {
            require(json.nextToken(), JsonToken.START_OBJECT, "header", "a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals(METADATA)) {
                    metadata();
                } else {
                    tensor(name);
                }
                if (entries.size() > Limits.SAFETENSORS_TENSORS) {
                    throw malformed(
                            "number of tensors",
                            "above " + Limits.SAFETENSORS_TENSORS,
                            "at most " + Limits.SAFETENSORS_TENSORS);
                }
            }
            if (json.nextToken() != null) {
                throw malformed("header", "more than one JSON value", "one object");
            }
            entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            Map<String, Entry> byName = new LinkedHashMap<>();
            entries.forEach(entry -> byName.put(entry.name(), entry));
            return new SafetensorsHeader(byName, metadata);
        }

        private void metadata() throws IOException {
            require(json.currentToken(), JsonToken.START_OBJECT, METADATA, "an object of strings");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                require(json.nextToken(), JsonToken.VALUE_STRING, METADATA + " '" + key + "'", "a string");
                metadata.put(key, json.getText());
            }
        }

        private void tensor(String name) throws IOException {
            String of = " of tensor '" + name + "'";
            require(json.currentToken(), JsonToken.START_OBJECT, "entry" + of, "an object");
            TensorType type = null;
            long[] shape = null;
            long[] offsets = null;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "dtype" -> type = type(of);
                    case "shape" -> shape = numbers("shape" + of, Limits.RANK);
                    case "data_offsets" -> offsets = numbers("data_offsets" + of, 2);
                    default -> throw malformed("key" + of, key, "dtype, shape, data_offsets");
                }
            }
            if (type == null || shape == null || offsets == null || offsets.length != 2) {
                throw malformed("entry" + of, "incomplete", "dtype, shape and two data_offsets");
            }
            entries.add(entry(name, type, shape, offsets));
        }

        private Entry entry(String name, TensorType type, long[] shape, long[] offsets) throws MalformedFileException {
            String of = " of tensor '" + name + "'";
            long bytes = Tensor.byteCount(type, shape);
            if (bytes < 0) {
                throw malformed("shape" + of, Arrays.toString(shape), "at most " + Limits.TENSOR_BYTES + " bytes");
            }
            if (offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes) {
                throw malformed(
                        "data_offsets" + of,
                        Arrays.toString(offsets),
                        bytes + " bytes, by shape " + Arrays.toString(shape) + " of " + type);
            }
            return new Entry(name, type, shape, offsets[0], offsets[1]);
        }

        private TensorType type(String of) throws IOException {
            require(json.currentToken(), JsonToken.VALUE_STRING, "dtype" + of, "a string");
            for (TensorType type : TensorType.values()) {
                if (type.name().equals(json.getText())) {
                    return type;
                }
            }
            throw malformed("dtype" + of, json.getText(), "F64, F32, F16, BF16, I64, I32, U8");
        }

        private long[] numbers(String field, int most) throws IOException {
            require(json.currentToken(), JsonToken.START_ARRAY, field, "an array of integers");
            long[] values = new long[most];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (count == most) {
                    throw malformed(field, "longer than " + most, "at most " + most + " integers");
                }
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || json.getLongValue() < 0) {
                    throw malformed(field, json.getText(), "integers 0 … 2^63 − 1");
                }
                values[count++] = json.getLongValue();
            }
            return Arrays.copyOf(values, count);
        }

        private void require(JsonToken found, JsonToken expected, String field, String allowed) throws IOException {
            if (found != expected) {
                throw malformed(field, found == null ? "missing" : json.getText(), allowed);
            }
        }

        private MalformedFileException malformed(String field, Object value, String allowed) {
            return new MalformedFileException(file, field, value, allowed);
        }
    }
}
