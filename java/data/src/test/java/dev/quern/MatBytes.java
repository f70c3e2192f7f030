package dev.quern;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;

/** Writes MAT files byte by byte, little-endian. */
public final class MatBytes {
    public static final int INT8 = 1;
    public static final int INT32 = 5;
    public static final int UINT32 = 6;
    public static final int DOUBLE = 9;
    public static final int MATRIX = 14;
    public static final int COMPRESSED = 15;
    public static final int UTF8 = 16;
    public static final int CELL_CLASS = 1;
    public static final int STRUCT_CLASS = 2;
    public static final int CHAR_CLASS = 4;
    public static final int DOUBLE_CLASS = 6;

    private MatBytes() {}

    public static byte[] file(byte[]... elements) {
        ByteBuffer header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        header.put(0, "MATLAB 5.0 MAT-file".getBytes(StandardCharsets.US_ASCII));
        header.putShort(124, (short) 0x100).put(126, (byte) 'I').put(127, (byte) 'M');
        return joined(header.array(), joined(elements));
    }

    /** A tag and its data, padded to 8 bytes. */
    public static byte[] element(int type, byte[] data) {
        return ByteBuffer.allocate(8 + (data.length + 7) / 8 * 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(data.length)
                .put(data)
                .array();
    }

    public static byte[] matrix(String name, int kind, int[] dimensions, byte[]... parts) {
        return element(
                MATRIX,
                joined(
                        element(UINT32, ints(kind, 0)),
                        element(INT32, ints(dimensions)),
                        element(INT8, ascii(name)),
                        joined(parts)));
    }

    /** A row of doubles. */
    public static byte[] numbers(String name, double... values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asDoubleBuffer().put(values);
        return matrix(name, DOUBLE_CLASS, new int[] {1, values.length}, element(DOUBLE, data.array()));
    }

    public static byte[] text(String text) {
        return matrix("", CHAR_CLASS, new int[] {1, text.length()}, element(UTF8, ascii(text)));
    }

    public static byte[] cells(String name, byte[]... entries) {
        return matrix(name, CELL_CLASS, new int[] {1, entries.length}, entries);
    }

    /** @param entries the fields of the first struct, of the second, … */
    public static byte[] structs(String name, List<String> fields, byte[]... entries) {
        ByteBuffer names = ByteBuffer.allocate(32 * fields.size());
        for (int i = 0; i < fields.size(); i++) {
            names.put(32 * i, ascii(fields.get(i)));
        }
        return matrix(
                name,
                STRUCT_CLASS,
                new int[] {1, entries.length / fields.size()},
                element(INT32, ints(32)),
                element(INT8, names.array()),
                joined(entries));
    }

    public static byte[] compressed(byte[] element) {
        Deflater deflater = new Deflater();
        deflater.setInput(element);
        deflater.finish();
        byte[] data = new byte[element.length + 64];
        int size = deflater.deflate(data);
        deflater.end();
        return ByteBuffer.allocate(8 + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(COMPRESSED)
                .putInt(size)
                .put(data, 0, size)
                .array();
    }

    public static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] ints(int... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asIntBuffer().put(values);
        return data.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
