package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.image.BrokenImages;
import dev.quern.data.image.Framing;
import dev.quern.data.image.ImageDecoder;
import dev.quern.data.image.ImageShape;
import dev.quern.data.image.RgbImage;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
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

    /** @param banner rows at the bottom of the file that are no part of the image */
    record Entry(Path file, int label, int banner) {
        Entry(Path file, int label) {
            this(file, label, 0);
        }
    }

    private ImageFiles() {}

    /** Where a distribution lies: in its own folder below {@code path}, or in {@code path}. */
    static Path distribution(Path path, String folder) {
        return Files.isDirectory(path.resolve(folder)) ? path.resolve(folder) : path;
    }

    /** Opens training and test images, which have one shape. */
    static Splits splits(
            String name, List<Entry> train, List<Entry> test, List<String> classNames, DatasetOptions options)
            throws IOException {
        ImageShape shape = shape(name, train, options);
        return new Splits(
                open(name + " train", train, classNames, shape, options),
                open(name + " test", test, classNames, shape, options));
    }

    /** The asked size, or that of the first image that can be read. */
    static ImageShape shape(String name, List<Entry> entries, DatasetOptions options) throws IOException {
        int side = options.framing().side();
        Framing.Fit fit = options.framing().fit();
        if (side > 0) {
            return new ImageShape(side, side, fit);
        }
        IOException first = null;
        for (Entry entry : entries) {
            try {
                int[] size = size(entry);
                return new ImageShape(size[0], size[1], fit);
            } catch (IOException broken) {
                if (options.brokenImages() == BrokenImages.REFUSE) {
                    throw broken;
                }
                first = first == null ? broken : first;
            }
        }
        throw new IOException(name + " holds no readable image", first);
    }

    /** Opens the set; images of another size are brought to {@code shape}. */
    static ImageDataset open(
            String name, List<Entry> entries, List<String> classNames, ImageShape shape, DatasetOptions options)
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
                decoded.add(decoders.submit(() -> small ? decode(entry, shape) : header(entry)));
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

    static byte[] decode(Entry entry, ImageShape shape) throws IOException {
        RgbImage whole = ImageDecoder.decode(entry.file());
        int rows = rows(entry, whole.height());
        return shape.of(whole.window(0, 0, rows, whole.width())).pixels();
    }

    private static byte[] header(Entry entry) throws IOException {
        size(entry);
        return new byte[0];
    }

    private static int[] size(Entry entry) throws IOException {
        int[] whole = ImageDecoder.size(entry.file());
        return new int[] {rows(entry, whole[0]), whole[1]};
    }

    private static int rows(Entry entry, int height) throws IOException {
        if (height <= entry.banner()) {
            throw new MalformedFileException(
                    entry.file(), "height", height, "above " + entry.banner() + ", the rows of its banner");
        }
        return height - entry.banner();
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
