package dev.quern.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Reads files whose size is checked before anything is allocated. */
public final class FileBytes {
    private static final int CHUNK_BYTES = 1 << 16;

    private FileBytes() {}

    /**
     * The whole of a regular file.
     *
     * @param limit most bytes it may have
     * @throws IOException naming the file, if it is missing, is no regular file, or is longer than {@code limit}
     */
    public static byte[] read(Path file, long limit) throws IOException {
        try (FileChannel channel = open(file)) {
            long size = channel.size();
            if (size > Math.min(limit, Limits.TENSOR_BYTES)) {
                throw new MalformedFileException(
                        file, "size", size, "at most " + Math.min(limit, Limits.TENSOR_BYTES) + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            readFully(file, channel, bytes, 0);
            return bytes.array();
        }
    }

    /**
     * SHA-256 of a regular file of any size, as 64 hexadecimal digits.
     *
     * @throws IOException naming the file, if it is missing or is no regular file
     */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = SafetensorsFile.sha256();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        try (FileChannel channel = open(file)) {
            while (channel.read(chunk) >= 0) {
                digest.update(chunk.flip());
                chunk.clear();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Opens a regular file for reading. */
    static FileChannel open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FileNotFoundException(file + (Files.exists(file) ? " is not a regular file" : " does not exist"));
        }
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /** Fills {@code target} from {@code position} of the file and flips it. */
    static void readFully(Path file, FileChannel channel, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int count = channel.read(target, at);
            if (count < 0) {
                throw new MalformedFileException(
                        file,
                        "size",
                        at,
                        "at least " + (at + target.remaining()) + " bytes (the file shrank while it was read)");
            }
            at += count;
        }
        target.flip();
    }
}
