package dev.quern.train.record;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The metrics of a run as TensorBoard reads them: a record with the format's version, then one per finished epoch.
 *
 * <p>A record of a TFRecord file is length (8 bytes), checksum of the length, data, checksum of the data, little endian. The data is an
 * {@code Event} in the wire format of protocol buffers, with a {@code Summary} of all values of the epoch.
 */
public final class EventFile {
    private static final String VERSION = "brain.Event:2";
    private static final int HEADER = Long.BYTES + Integer.BYTES;
    private static final int FOOTER = Integer.BYTES;

    private final Path file;

    EventFile(Path file) {
        this.file = file;
    }

    /**
     * Appends an epoch and flushes it to the disk.
     *
     * @param seconds since 1970
     */
    public void append(EpochMetrics metrics, double seconds) throws IOException {
        ProtocolBuffer event = new ProtocolBuffer().real(1, seconds);
        if (metrics.epoch() > 0) {
            event.number(2, metrics.epoch());
        }
        event.message(5, summary(metrics));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            if (channel.size() == 0) {
                write(channel, new ProtocolBuffer().real(1, seconds).text(3, VERSION));
            }
            write(channel, event);
            channel.force(true);
        }
    }

    /** Drops what a checkpoint does not know of: all but the first {@code epochs} epochs. Nobody depends on what is missing. */
    public void truncate(int epochs) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (RandomAccessFile records = new RandomAccessFile(file.toFile(), "rw")) {
            long end = 0;
            for (int record = 0; record <= epochs && end + HEADER + FOOTER <= records.length(); record++) {
                records.seek(end);
                long length = Long.reverseBytes(records.readLong());
                if (length < 0 || length > records.length() - end - HEADER - FOOTER) {
                    break;
                }
                end += HEADER + length + FOOTER;
            }
            records.setLength(end);
        }
    }

    private static ProtocolBuffer summary(EpochMetrics metrics) {
        ProtocolBuffer summary = new ProtocolBuffer();
        scalar(summary, "loss", metrics.loss());
        scalar(summary, "learning_rate", metrics.learningRate());
        metrics.accuracy().ifPresent(value -> scalar(summary, "test_accuracy", value));
        metrics.longTail()
                .ifPresent(tail -> tail.toJson()
                        .properties()
                        .forEach(entry -> scalar(
                                summary,
                                "long_tail/" + entry.getKey(),
                                entry.getValue().asDouble())));
        scalar(summary, "visit_share", metrics.visitShare());
        metrics.wrongShare().ifPresent(value -> scalar(summary, "wrong_label_share", value));
        metrics.lossScale().ifPresent(found -> {
            scalar(summary, "loss_scale", found.scale());
            scalar(summary, "skipped_steps", found.skippedSteps());
        });
        metrics.feed().ifPresent(feed -> {
            scalar(summary, "feed/similarity", feed.similarity());
            scalar(summary, "feed/diversity", feed.diversity());
        });
        metrics.magnitudes().ifPresent(magnitudes -> {
            scalar(summary, "magnitude/mean", magnitudes.mean());
            magnitudes.reward().ifPresent(value -> scalar(summary, "magnitude/reward", value));
            magnitudes.lambda().ifPresent(value -> scalar(summary, "magnitude/lambda", value));
            for (int c = 0; c < magnitudes.classMeans().length; c++) {
                scalar(summary, "magnitude/class/" + c, magnitudes.classMeans()[c]);
            }
            summary.message(1, new ProtocolBuffer().text(1, "magnitude").message(5, histogram(magnitudes.histogram())));
        });
        return summary;
    }

    private static void scalar(ProtocolBuffer summary, String tag, double value) {
        summary.message(1, new ProtocolBuffer().text(1, tag).real(2, (float) value));
    }

    /** Bins of equal width over [0, 1], from the default smallest value 0; sums as if every value stood in the middle of its bin. */
    private static ProtocolBuffer histogram(int[] counts) {
        double[] limits = new double[counts.length];
        double[] buckets = new double[counts.length];
        double number = 0;
        double sum = 0;
        double squares = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            double middle = (bin + 0.5) / counts.length;
            limits[bin] = (bin + 1.0) / counts.length;
            buckets[bin] = counts[bin];
            number += counts[bin];
            sum += counts[bin] * middle;
            squares += counts[bin] * middle * middle;
        }
        return new ProtocolBuffer()
                .real(2, 1.0)
                .real(3, number)
                .real(4, sum)
                .real(5, squares)
                .packed(6, limits)
                .packed(7, buckets);
    }

    private static void write(FileChannel channel, ProtocolBuffer event) throws IOException {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(HEADER + data.length + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedChecksum(record.array(), Long.BYTES));
        record.put(data).putInt(maskedChecksum(data, data.length)).flip();
        while (record.hasRemaining()) {
            channel.write(record);
        }
    }

    /** CRC-32C, rotated and shifted so that the checksum of data with checksums in it is no special number. */
    private static int maskedChecksum(byte[] data, int length) {
        CRC32C crc = new CRC32C();
        crc.update(data, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
    }
}
