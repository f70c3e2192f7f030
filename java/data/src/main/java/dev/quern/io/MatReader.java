package dev.quern.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads the elements of a MAT file. An element is a tag (type and bytes) and its data, padded to 8 bytes; up to 4 bytes of data may stand in
 * the tag. A matrix is an element of elements: flags, dimensions, name, then numbers, characters, or the matrices of cells and fields. Every
 * count is checked against the bytes that are left before anything is allocated by it.
 */
final class MatReader {
    private static final int INT8 = 1;
    private static final int INT32 = 5;
    private static final int UINT32 = 6;
    private static final int MATRIX = 14;
    private static final int COMPRESSED = 15;
    private static final int TAG_BYTES = 8;
    private static final int COMPLEX = 0x800;
    private static final int LONGEST_FIELD_NAME = 64;
    /** Deflate turns a byte into no more than 1032. */
    private static final long MOST_EXPANSION = 1032;

    private final Path file;
    private int arrays;
    private long expanded;

    private record Element(int type, ByteBuffer data) {}

    private record Variable(String name, MatArray array) {}

    MatReader(Path file) {
        this.file = file;
    }

    /** The variables by name, from what follows the header, in the file's byte order. */
    Map<String, MatArray> variables(ByteBuffer bytes) throws MalformedFileException {
        Map<String, MatArray> variables = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            Element element = next(bytes);
            ByteBuffer matrix = element.type() == COMPRESSED ? inflate(element.data()) : matrix(element);
            Variable variable = variable(matrix, 0);
            variables.put(variable.name(), variable.array());
        }
        return variables;
    }

    private Element next(ByteBuffer from) throws MalformedFileException {
        require("bytes left for an element", from.remaining(), from.remaining() >= TAG_BYTES, "at least " + TAG_BYTES);
        int word = from.getInt();
        int type = word & 0xFFFF;
        long size = word >>> 16;
        boolean inTag = size != 0;
        if (!inTag) {
            type = word;
            size = Integer.toUnsignedLong(from.getInt());
        }
        long most = inTag ? Integer.BYTES : from.remaining();
        require("bytes of an element", size, size <= most, "at most " + most);
        ByteBuffer data = from.slice(from.position(), (int) size).order(from.order());
        long padded = inTag ? Integer.BYTES : type == COMPRESSED ? size : (size + 7) / 8 * 8;
        from.position((int) Math.min(from.limit(), from.position() + padded));
        return new Element(type, data);
    }

    private ByteBuffer matrix(Element element) throws MalformedFileException {
        require("type of an element", element.type(), element.type() == MATRIX, MATRIX + " (a matrix)");
        return element.data();
    }

    /** The data of the one matrix that is compressed; its size is known from its tag. */
    private ByteBuffer inflate(ByteBuffer compressed) throws MalformedFileException {
        long most = Math.min(Limits.MAT_BYTES - expanded, MOST_EXPANSION * compressed.remaining());
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(compressed);
            ByteBuffer tag = inflate(inflater, TAG_BYTES).order(compressed.order());
            int type = tag.getInt();
            require("type of a compressed element", type, type == MATRIX, MATRIX + " (a matrix)");
            long size = Integer.toUnsignedLong(tag.getInt());
            require("bytes of a compressed element", size, size <= most, "at most " + most);
            expanded += size;
            ByteBuffer data = inflate(inflater, (int) size).order(compressed.order());
            int more = inflater.inflate(new byte[1]);
            require("end of a compressed element", "not here", more == 0 && inflater.finished(), "after its matrix");
            return data;
        } catch (DataFormatException damaged) {
            throw new MalformedFileException(file, "compressed element is damaged: " + damaged.getMessage(), damaged);
        } finally {
            inflater.end();
        }
    }

    private ByteBuffer inflate(Inflater inflater, int size) throws DataFormatException, MalformedFileException {
        byte[] bytes = new byte[size];
        int done = 0;
        while (done < size) {
            int count = inflater.inflate(bytes, done, size - done);
            require("bytes of a compressed element", done, count > 0, size + ", by its tag");
            done += count;
        }
        return ByteBuffer.wrap(bytes);
    }

    private Variable variable(ByteBuffer data, int depth) throws MalformedFileException {
        require("number of arrays", ++arrays, arrays <= Limits.MAT_ARRAYS, "at most " + Limits.MAT_ARRAYS);
        require("depth of arrays", depth, depth <= Limits.MAT_DEPTH, "at most " + Limits.MAT_DEPTH);
        if (!data.hasRemaining()) {
            return new Variable("", new MatArray.Numbers(new double[0]));
        }
        ByteBuffer flags = part(data, "flags", UINT32);
        require("bytes of array flags", flags.remaining(), flags.remaining() == 8, "8");
        int word = flags.getInt();
        long count = count(part(data, "dimensions", INT32));
        String name = text(part(data, "name", INT8), StandardCharsets.ISO_8859_1);
        require("array '" + name + "'", "complex", (word & COMPLEX) == 0, "real");
        int kind = word & 0xFF;
        MatArray array = switch (kind) {
            case 1 -> new MatArray.Cells(entries(data, count, depth));
            case 2 -> structs(data, count, depth);
            case 4 -> characters(next(data), count, name);
            case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 -> numbers(next(data), count, name);
            default ->
                throw new MalformedFileException(
                        file,
                        "class of array '" + name + "'",
                        kind,
                        "1 (cell), 2 (struct), 4 (char), 6 … 15 (numbers)");
        };
        return new Variable(name, array);
    }

    private ByteBuffer part(ByteBuffer data, String what, int type) throws MalformedFileException {
        Element element = next(data);
        require("type of array " + what, element.type(), element.type() == type, String.valueOf(type));
        return element.data();
    }

    private long count(ByteBuffer dimensions) throws MalformedFileException {
        int rank = dimensions.remaining() / Integer.BYTES;
        require("number of dimensions", rank, rank >= 2 && rank <= Limits.RANK, "2 … " + Limits.RANK);
        long count = 1;
        for (int axis = 0; axis < rank; axis++) {
            int length = dimensions.getInt();
            require("length of dimension " + axis, length, length >= 0, "≥ 0");
            count *= length;
            require("entries of an array", count, count <= Limits.MAT_BYTES, "at most " + Limits.MAT_BYTES);
        }
        return count;
    }

    private MatArray numbers(Element element, long count, String name) throws MalformedFileException {
        int size = switch (element.type()) {
            case 1, 2 -> 1;
            case 3, 4 -> 2;
            case 5, 6, 7 -> 4;
            case 9, 12, 13 -> 8;
            default ->
                throw new MalformedFileException(
                        file, "type of the numbers of '" + name + "'", element.type(), "1 … 7, 9, 12, 13");
        };
        ByteBuffer data = element.data();
        require("bytes of '" + name + "'", data.remaining(), data.remaining() == count * size, count + " × " + size);
        double[] values = new double[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (element.type()) {
                case 1 -> data.get();
                case 2 -> data.get() & 0xFF;
                case 3 -> data.getShort();
                case 4 -> data.getShort() & 0xFFFF;
                case 5 -> data.getInt();
                case 6 -> Integer.toUnsignedLong(data.getInt());
                case 7 -> data.getFloat();
                case 9 -> data.getDouble();
                default -> data.getLong();
            };
        }
        return new MatArray.Numbers(values);
    }

    private MatArray characters(Element element, long count, String name) throws MalformedFileException {
        ByteBuffer data = element.data();
        Charset utf16 = data.order() == ByteOrder.LITTLE_ENDIAN ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        Charset charset = switch (element.type()) {
            case 1, 2 -> StandardCharsets.ISO_8859_1;
            case 4, 17 -> utf16;
            case 16 -> StandardCharsets.UTF_8;
            default ->
                throw new MalformedFileException(
                        file, "type of the characters of '" + name + "'", element.type(), "1, 2, 4, 16, 17");
        };
        String text = text(data, charset);
        require("characters of '" + name + "'", text.length(), text.length() == count, count + ", by its dimensions");
        return new MatArray.Text(text);
    }

    private MatArray structs(ByteBuffer data, long count, int depth) throws MalformedFileException {
        ByteBuffer length = part(data, "field name length", INT32);
        int bytes = length.remaining() == Integer.BYTES ? length.getInt() : 0;
        require("length of field names", bytes, bytes >= 1 && bytes <= LONGEST_FIELD_NAME, "1 … " + LONGEST_FIELD_NAME);
        ByteBuffer names = part(data, "field names", INT8);
        Map<String, List<MatArray>> fields = new LinkedHashMap<>();
        while (names.remaining() >= bytes) {
            byte[] name = new byte[bytes];
            names.get(name);
            fields.put(new String(name, StandardCharsets.ISO_8859_1).split("\0", 2)[0], new ArrayList<>());
        }
        List<List<MatArray>> columns = List.copyOf(fields.values());
        List<MatArray> entries = entries(data, count * columns.size(), depth);
        for (int i = 0; i < entries.size(); i++) {
            columns.get(i % columns.size()).add(entries.get(i));
        }
        return new MatArray.Structs(fields);
    }

    private List<MatArray> entries(ByteBuffer data, long count, int depth) throws MalformedFileException {
        int most = data.remaining() / TAG_BYTES;
        require("entries of an array", count, count <= most, "at most " + most + " in " + data.remaining() + " bytes");
        List<MatArray> entries = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            entries.add(variable(matrix(next(data)), depth + 1).array());
        }
        return entries;
    }

    private static String text(ByteBuffer data, Charset charset) {
        return charset.decode(data).toString();
    }

    private void require(String field, Object value, boolean valid, String allowed) throws MalformedFileException {
        if (!valid) {
            throw new MalformedFileException(file, field, value, allowed);
        }
    }
}
