package dev.quern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file as a whole: the new content goes to a temporary file beside it, is flushed to the disk and renamed into place. A reader
 * and a crash at any instant find the old file or the new one, never a part. A failed call leaves the old file and nothing else.
 */
public final class AtomicFile {
    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** The steps that can fail on a disk. */
    interface Disk {
        FileChannel create(Path file) throws IOException;

        void flush(FileChannel channel) throws IOException;

        void rename(Path from, Path to) throws IOException;

        void flushFolder(Path folder) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes {@code target} or leaves it as it was.
     *
     * @throws IOException naming the target and the first cause
     */
    public static void write(Path target, Content content) throws IOException {
        write(target, content, LocalDisk.INSTANCE);
    }

    /** Writes text as UTF-8. */
    public static void writeText(Path target, String text) throws IOException {
        write(target, channel -> writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }

    /** Writes all remaining bytes. */
    public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static void write(Path target, Content content, Disk disk) throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target)) {
            throw new IOException("cannot write " + target + ": it exists and is not a regular file");
        }
        Path folder = target.toAbsolutePath().getParent();
        Path temporary = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = disk.create(temporary)) {
                content.writeTo(channel);
                disk.flush(channel);
            }
            disk.rename(temporary, target);
        } catch (IOException | RuntimeException | Error failure) {
            deleteQuietly(temporary, failure);
            if (failure instanceof IOException cause) {
                throw new IOException("cannot write " + target + ": " + reason(cause), cause);
            }
            throw failure;
        }
        try {
            disk.flushFolder(folder);
        } catch (IOException cause) {
            throw new IOException("wrote " + target + ", but could not flush its folder: " + reason(cause), cause);
        }
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "the folder does not exist";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static void deleteQuietly(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException undeleted) {
            failure.addSuppressed(undeleted);
        }
    }

    private enum LocalDisk implements Disk {
        INSTANCE;

        @Override
        public FileChannel create(Path file) throws IOException {
            return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public void flush(FileChannel channel) throws IOException {
            channel.force(true);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void flushFolder(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
