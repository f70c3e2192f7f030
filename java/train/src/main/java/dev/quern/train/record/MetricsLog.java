package dev.quern.train.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One line of JSON per finished epoch. */
public final class MetricsLog {
    private final Path file;

    MetricsLog(Path file) {
        this.file = file;
    }

    /** Appends an epoch's line and flushes it to the disk. */
    public void append(EpochMetrics metrics) throws IOException {
        byte[] line = (Json.line(metrics.toJson()) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.wrap(line);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /**
     * Drops what a checkpoint does not know of: all but the first {@code epochs} lines.
     *
     * @throws IOException if there are fewer
     */
    public void truncate(int epochs) throws IOException {
        if (!Files.exists(file)) {
            if (epochs > 0) {
                throw tooShort(0, epochs);
            }
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        int end = 0;
        for (int lines = 0; lines < epochs; lines++) {
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (end == bytes.length) {
                throw tooShort(lines, epochs);
            }
            end++;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(end);
            channel.force(true);
        }
    }

    private IOException tooShort(int lines, int epochs) {
        return new IOException(file + ": has " + lines + " whole lines, the checkpoint stands after epoch " + epochs);
    }
}
