package dev.quern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The numbers and texts in a MATLAB level 5 MAT file, as the annotations of data sets use it: numeric, character, cell and struct arrays,
 * compressed or not, of either byte order. Sparse arrays, objects, functions and complex numbers are refused.
 *
 * <p>Immutable. Source of the format: The MathWorks, MAT-File Format (level 5).
 */
public final class MatFile {
    private static final int HEADER_BYTES = 128;
    private static final int VERSION_AT = 124;
    private static final int VERSION = 0x100;

    private final Path file;
    private final Map<String, MatArray> variables;

    private MatFile(Path file, Map<String, MatArray> variables) {
        this.file = file;
        this.variables = variables;
    }

    /**
     * Reads a whole file.
     *
     * @throws MalformedFileException naming the file, what breaks the format, its value and what is allowed
     */
    public static MatFile read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(FileBytes.read(file, Limits.MAT_BYTES));
        if (bytes.remaining() < HEADER_BYTES) {
            throw new MalformedFileException(
                    file, "size", bytes.remaining(), "at least " + HEADER_BYTES + " bytes, the header of a MAT file");
        }
        char first = (char) bytes.get(VERSION_AT + 2);
        char second = (char) bytes.get(VERSION_AT + 3);
        String order = "" + first + second;
        if (!order.equals("IM") && !order.equals("MI")) {
            throw new MalformedFileException(file, "byte order", order, "IM, MI (MAT-file level 5)");
        }
        bytes.order(order.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int version = bytes.getShort(VERSION_AT);
        if (version != VERSION) {
            throw new MalformedFileException(file, "version", version, VERSION + " (MAT-file level 5)");
        }
        bytes.position(HEADER_BYTES);
        return new MatFile(file, new MatReader(file).variables(bytes));
    }

    /** The entries of a numeric variable, which are whole. */
    public int[] integers(String variable) throws IOException {
        if (variable(variable) instanceof MatArray.Numbers numbers) {
            int[] values = new int[numbers.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = whole(numbers.values()[i], name(variable) + " entry " + i);
            }
            return values;
        }
        throw isNot(name(variable), "numbers");
    }

    /** The texts in the cells of a variable. */
    public List<String> texts(String variable) throws IOException {
        if (variable(variable) instanceof MatArray.Cells cells) {
            return texts(cells.entries(), name(variable));
        }
        throw isNot(name(variable), "cells");
    }

    /** One field of every struct of a variable: a single number, which is whole. */
    public int[] integers(String variable, String field) throws IOException {
        List<MatArray> entries = field(variable, field);
        int[] values = new int[entries.size()];
        for (int i = 0; i < values.length; i++) {
            String name = name(variable) + " entry " + i + ", field '" + field + "'";
            if (entries.get(i) instanceof MatArray.Numbers number && number.values().length == 1) {
                values[i] = whole(number.values()[0], name);
            } else {
                throw isNot(name, "one number");
            }
        }
        return values;
    }

    /** One field of every struct of a variable: a text. */
    public List<String> texts(String variable, String field) throws IOException {
        return texts(field(variable, field), name(variable) + ", field '" + field + "',");
    }

    private List<String> texts(List<MatArray> entries, String name) throws MalformedFileException {
        List<String> texts = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof MatArray.Text text) {
                texts.add(text.value());
            } else {
                throw isNot(name + " entry " + i, "text");
            }
        }
        return texts;
    }

    private List<MatArray> field(String variable, String field) throws MalformedFileException {
        if (!(variable(variable) instanceof MatArray.Structs structs)) {
            throw isNot(name(variable), "structs");
        }
        List<MatArray> entries = structs.fields().get(field);
        if (entries == null) {
            throw new MalformedFileException(
                    file, "field '" + field + "' of " + name(variable), "missing", names(structs.fields()));
        }
        return entries;
    }

    private MatArray variable(String variable) throws MalformedFileException {
        MatArray array = variables.get(variable);
        if (array == null) {
            throw new MalformedFileException(file, name(variable), "missing", names(variables));
        }
        return array;
    }

    private int whole(double value, String name) throws MalformedFileException {
        if (value != (int) value) {
            throw new MalformedFileException(file, name, value, "a whole number");
        }
        return (int) value;
    }

    private static String name(String variable) {
        return "variable '" + variable + "'";
    }

    private static String names(Map<String, ?> named) {
        return "one of " + MalformedFileException.printable(named.keySet());
    }

    private MalformedFileException isNot(String name, String wanted) {
        return new MalformedFileException(file, name, "something else", wanted);
    }
}
