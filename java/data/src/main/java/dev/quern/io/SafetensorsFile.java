package dev.quern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * Reads safetensors files: F64, F32, F16, BF16, I64, I32, U8. Opening checks the whole header against the size of the file; tensors are read
 * one by one.
 *
 * <p>A file may carry a seal: a last tensor {@value #SEAL} of 32 bytes, the SHA-256 of all bytes before it ({@link #requireSeal}).
 *
 * <p>Thread-safe; closed by {@link #close()}. Source of the format: Hugging Face safetensors 0.4.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Name of the tensor that seals a file. */
    public static final String SEAL = "sha256";

    static final int SEAL_BYTES = 32;
    private static final int LENGTH_BYTES = 8;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsFile(Path file, FileChannel channel, SafetensorsHeader header, long dataStart) {
        this.file = file;
        this.channel = channel;
        this.header = header;
        this.dataStart = dataStart;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws MalformedFileException naming the file, the field, its value and what is allowed
     */
    public static SafetensorsFile open(Path file) throws IOException {
        FileChannel channel = FileBytes.open(file);
        try {
            return open(file, channel);
        } catch (IOException | RuntimeException refused) {
            channel.close();
            throw refused;
        }
    }

    private static SafetensorsFile open(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new MalformedFileException(file, "size", size, "at least " + LENGTH_BYTES + " bytes");
        }
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FileBytes.readFully(file, channel, length, 0);
        long headerBytes = length.getLong();
        long allowed = Math.min(Limits.SAFETENSORS_HEADER_BYTES, size - LENGTH_BYTES);
        if (headerBytes < 2 || headerBytes > allowed) {
            throw new MalformedFileException(
                    file,
                    "header length",
                    Long.toUnsignedString(headerBytes),
                    "2 … " + allowed + " bytes (limit " + Limits.SAFETENSORS_HEADER_BYTES + ")");
        }
        ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
        FileBytes.readFully(file, channel, json, LENGTH_BYTES);
        long dataStart = LENGTH_BYTES + headerBytes;
        SafetensorsHeader header = SafetensorsHeader.parse(file, json.array(), 0, json.limit(), size - dataStart);
        return new SafetensorsFile(file, channel, header, dataStart);
    }

    public Path file() {
        return file;
    }

    /** Names of the tensors, in the order of their data. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    public TensorType type(String name) throws IOException {
        return entry(name).type();
    }

    public long[] shape(String name) throws IOException {
        return entry(name).shape().clone();
    }

    /**
     * Reads one tensor into direct memory.
     *
     * @throws MalformedFileException if the file has no such tensor
     */
    public Tensor read(String name) throws IOException {
        SafetensorsHeader.Entry entry = entry(name);
        ByteBuffer data = Tensor.allocate(entry.end() - entry.begin());
        FileBytes.readFully(file, channel, data, dataStart + entry.begin());
        return new Tensor(entry.type(), entry.shape(), data);
    }

    /**
     * Checks the seal.
     *
     * @throws MalformedFileException if there is none or the content differs from it
     */
    public void requireSeal() throws IOException {
        SafetensorsHeader.Entry seal = entry(SEAL);
        long sealStart = dataStart + seal.begin();
        if (seal.type() != TensorType.U8
                || seal.end() - seal.begin() != SEAL_BYTES
                || sealStart + SEAL_BYTES != channel.size()) {
            throw new MalformedFileException(
                    file, "tensor '" + SEAL + "'", seal.type(), "U8[32] at the end of the file");
        }
        MessageDigest digest = sha256();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (long at = 0; at < sealStart; at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(CHUNK_BYTES, sealStart - at));
            FileBytes.readFully(file, channel, chunk, at);
            digest.update(chunk);
        }
        byte[] expected = read(SEAL).toBytes();
        byte[] found = digest.digest();
        if (!MessageDigest.isEqual(expected, found)) {
            throw new MalformedFileException(
                    file, "SHA-256 of the content", hex(found), hex(expected) + " (the file is damaged)");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private SafetensorsHeader.Entry entry(String name) throws IOException {
        SafetensorsHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw new MalformedFileException(
                    file,
                    "tensor '" + name + "'",
                    "missing",
                    "one of " + header.tensors().keySet().stream().limit(8).toList());
        }
        return entry;
    }
}
