package dev.quern.data;

import dev.quern.io.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Image files with labels as a data set. Small sets are decoded at opening, two files at a time, and held in memory; of sets above
 * {@link Limits#DATASET_MEMORY_BYTES}, or where {@link DatasetOptions#decoding()} asks for it, only the headers are checked at opening, and images are decoded when they are read.
 */
final class ImageFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFiles.class);
    private static final int DECODERS = 2;

    record Entry(Path file, int label) {}

    /** The common shape of a data set's images. */
    record Shape(int height, int width) {}

    private ImageFiles() {}

    /** The asked size, or that of the first image that can be read. */
    static Shape shape(String name, List<Entry> entries, DatasetOptions options) throws IOException {
        if (options.imageSize() > 0) {
            return new Shape(options.imageSize(), options.imageSize());
        }
        IOException first = null;
        for (Entry entry : entries) {
            try {
                int[] size = ImageDecoder.size(entry.file());
                return new Shape(size[0], size[1]);
            } catch (IOException broken) {
                if (options.brokenImages() == BrokenImages.REFUSE) {
                    throw broken;
                }
                first = first == null ? broken : first;
            }
        }
        throw new IOException(name + " holds no readable image", first);
    }

    /** Opens the set; images of another size are resized to {@code shape}, bilinear. */
    static ImageDataset open(
            String name, List<Entry> entries, List<String> classNames, Shape shape, DatasetOptions options)
            throws IOException {
        if (classNames.size() > Limits.CLASSES || entries.size() > Limits.DATASET_IMAGES) {
            throw new IOException(name + " has " + entries.size() + " images in " + classNames.size()
                    + " classes, allowed: " + Limits.DATASET_IMAGES + " in " + Limits.CLASSES);
        }
        long bytes = 3L * shape.height() * shape.width() * entries.size();
        boolean small = options.decoding() == DatasetOptions.Decoding.ONCE_IF_SMALL
                && bytes
                        <= Math.min(
                                Limits.DATASET_MEMORY_BYTES,
                                Runtime.getRuntime().maxMemory() / 2);
        List<byte[]> images = new ArrayList<>();
        List<Entry> sound = new ArrayList<>();
        ExecutorService decoders = Executors.newFixedThreadPool(DECODERS, task -> {
            Thread thread = new Thread(task, "quern-decode");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<byte[]>> decoded = new ArrayList<>(entries.size());
            for (Entry entry : entries) {
                decoded.add(decoders.submit(() -> small ? decode(entry.file(), shape) : header(entry.file())));
            }
            for (int i = 0; i < decoded.size(); i++) {
                byte[] image = await(decoded.get(i), options);
                decoded.set(i, null);
                if (image != null) {
                    images.add(image);
                    sound.add(entries.get(i));
                }
            }
        } finally {
            decoders.shutdownNow();
        }
        if (sound.isEmpty()) {
            throw new IOException(name + " holds no readable image");
        }
        report(name, entries.size() - sound.size());
        return new ImageFileDataset(name, sound, classNames, shape, small ? images.toArray(byte[][]::new) : null);
    }

    static byte[] decode(Path file, Shape shape) throws IOException {
        return PillowResize.resize(
                        ImageDecoder.decode(file), shape.height(), shape.width(), PillowResize.Filter.BILINEAR)
                .pixels();
    }

    private static byte[] header(Path file) throws IOException {
        ImageDecoder.size(file);
        return new byte[0];
    }

    /** The image, or null where it is broken and to be skipped. */
    private static byte[] await(Future<byte[]> decoded, DatasetOptions options) throws IOException {
        try {
            return decoded.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                if (options.brokenImages() == BrokenImages.REFUSE) {
                    throw broken;
                }
                LOG.warn("skipped: {}", broken.getMessage());
                return null;
            }
            throw new IOException("decoding failed: " + failed.getCause(), failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while images were decoded", interrupted);
        }
    }

    private static void report(String name, int skipped) {
        if (skipped > 0) {
            LOG.warn("{}: skipped {} broken images", name, skipped);
        }
    }
}
