package dev.quern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * Reads and writes NumPy's npy format, versions 1.0 and 2.0: u1, i4, i8, f4, f8 (and f2 for reading), little endian, C order.
 *
 * <p>Source: NumPy Enhancement Proposal 1. Object arrays (pickle) are refused.
 */
public final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;

    private NpyFile() {}

    /**
     * Reads a whole file.
     *
     * @throws MalformedFileException naming the file, the field, its value and what is allowed
     */
    public static Tensor read(Path file) throws IOException {
        try (FileChannel channel = FileBytes.open(file)) {
            long size = channel.size();
            int prefix = (int) Math.min(size, MAGIC.length + 6);
            ByteBuffer start = ByteBuffer.allocate(prefix).order(ByteOrder.LITTLE_ENDIAN);
            FileBytes.readFully(file, channel, start, 0);
            requireMagic(file, start);
            int version = version(file, start);
            int fixed = MAGIC.length + 2 + (version == 1 ? 2 : 4);
            if (size < fixed) {
                throw new MalformedFileException(file, "size", size, "at least " + fixed + " bytes");
            }
            long headerBytes = version == 1 ? start.getShort(8) & 0xFFFF : start.getInt(8) & 0xFFFFFFFFL;
            long allowed = Math.min(Limits.NPY_HEADER_BYTES, size - fixed);
            if (headerBytes > allowed) {
                throw new MalformedFileException(
                        file,
                        "header length",
                        headerBytes,
                        "at most " + allowed + " bytes (limit " + Limits.NPY_HEADER_BYTES + ")");
            }
            ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
            FileBytes.readFully(file, channel, header, fixed);
            String text = new String(header.array(), StandardCharsets.ISO_8859_1);
            return data(file, channel, NpyHeader.parse(file, text), fixed + headerBytes);
        }
    }

    /**
     * Replaces {@code file} by {@code array}, atomically.
     *
     * @param array of type U8, I32, I64, F32 or F64
     */
    public static void write(Path file, Tensor array) throws IOException {
        String description = NpyHeader.description(array.type());
        StringJoiner lengths = new StringJoiner(", ", "(", array.shape().length == 1 ? ",)" : ")");
        Arrays.stream(array.shape()).forEach(length -> lengths.add(Long.toString(length)));
        String fields = "{'descr': '" + description + "', 'fortran_order': False, 'shape': " + lengths + ", }";
        int fixed = MAGIC.length + 4;
        int padding = Math.floorMod(-(fixed + fields.length() + 1), ALIGNMENT);
        byte[] header = (fields + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer start = ByteBuffer.allocate(fixed + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) header.length)
                .put(header)
                .flip();
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, start);
            AtomicFile.writeFully(channel, array.bytes());
        });
    }

    private static void requireMagic(Path file, ByteBuffer start) throws IOException {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= start.limit() || start.get(i) != MAGIC[i]) {
                throw new MalformedFileException(
                        file,
                        "magic",
                        Arrays.toString(Arrays.copyOf(start.array(), Math.min(start.limit(), MAGIC.length))),
                        Arrays.toString(MAGIC) + " (an npy file)");
            }
        }
    }

    private static int version(Path file, ByteBuffer start) throws IOException {
        int major = start.limit() > 6 ? start.get(6) & 0xFF : -1;
        int minor = start.limit() > 7 ? start.get(7) & 0xFF : -1;
        if (minor != 0 || major != 1 && major != 2) {
            throw new MalformedFileException(file, "version", major + "." + minor, "1.0, 2.0");
        }
        return major;
    }

    private static Tensor data(Path file, FileChannel channel, NpyHeader header, long offset) throws IOException {
        long bytes = Tensor.byteCount(header.type(), header.shape());
        long present = channel.size() - offset;
        String shape = Arrays.toString(header.shape());
        if (bytes < 0) {
            throw new MalformedFileException(
                    file, "shape", shape, "lengths ≥ 0, at most " + Limits.TENSOR_BYTES + " bytes");
        }
        if (bytes != present) {
            throw new MalformedFileException(
                    file, "data", present + " bytes", bytes + " bytes, by shape " + shape + " of " + header.type());
        }
        ByteBuffer data = Tensor.allocate(bytes);
        FileBytes.readFully(file, channel, data, offset);
        return new Tensor(header.type(), header.shape(), data);
    }
}
