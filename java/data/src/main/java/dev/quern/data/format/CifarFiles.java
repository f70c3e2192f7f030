package dev.quern.data.format;

import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.data.Splits;
import dev.quern.io.MalformedFileException;
import dev.quern.io.TextFile;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * CIFAR-10 and CIFAR-100 in their binary distribution, any number of records. A record is its labels, one byte each, and a 32×32 image of
 * three planes (red, green, blue).
 *
 * <p>Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).
 */
enum CifarFiles {
    CIFAR10("cifar10", 10, 1, "data_batch_*.bin", "test_batch.bin", "batches.meta.txt", "cifar-10-batches-bin"),
    CIFAR100("cifar100", 100, 2, "train.bin", "test.bin", "fine_label_names.txt", "cifar-100-binary");

    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int COARSE_CLASSES = 20;

    private final String label;
    private final int classes;
    private final int labelBytes;
    private final String train;
    private final String test;
    private final String names;
    private final String folder;

    CifarFiles(String label, int classes, int labelBytes, String train, String test, String names, String folder) {
        this.label = label;
        this.classes = classes;
        this.labelBytes = labelBytes;
        this.train = train;
        this.test = test;
        this.names = names;
        this.folder = folder;
    }

    /** Opens the files in {@code path}, or in the folder of the distribution below it. */
    Splits open(Path path) throws IOException {
        Path root = ImageFiles.distribution(path, folder);
        if (!Files.isDirectory(root)) {
            throw new IOException(label + ": " + root + " is not a folder");
        }
        List<String> classNames = classNames(root.resolve(names));
        return new Splits(
                read(label + " train", trainFiles(root), classNames),
                read(label + " test", List.of(root.resolve(test)), classNames));
    }

    private List<String> classNames(Path file) throws IOException {
        if (!Files.exists(file)) {
            return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        }
        List<String> found = TextFile.names(file);
        if (found.size() != classes) {
            throw new MalformedFileException(file, "number of class names", found.size(), Integer.toString(classes));
        }
        return found;
    }

    private List<Path> trainFiles(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, train)) {
            found.forEach(files::add);
        }
        if (files.isEmpty()) {
            throw new IOException(label + ": " + root + " holds no " + train);
        }
        files.sort(Comparator.comparingInt(
                        (Path file) -> file.getFileName().toString().length())
                .thenComparing(file -> file.getFileName().toString()));
        return files;
    }

    private ImageDataset read(String name, List<Path> files, List<String> classNames) throws IOException {
        int recordBytes = labelBytes + 3 * PLANE;
        long records = 0;
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new FileNotFoundException(name + ": " + file + " does not exist or is not a regular file");
            }
            long size = Files.size(file);
            if (size == 0 || size % recordBytes != 0) {
                throw new MalformedFileException(
                        file,
                        "size",
                        size + " bytes",
                        "a positive multiple of " + recordBytes + " (record " + size / recordBytes + " is cut)");
            }
            records += size / recordBytes;
        }
        InMemoryDataset.requireFits(name, records, SIDE, SIDE);
        int[] labels = new int[(int) records];
        byte[][] images = new byte[(int) records][];
        int next = 0;
        for (Path file : files) {
            next = read(file, recordBytes, labels, images, next);
        }
        return new InMemoryDataset(name, SIDE, SIDE, classNames, labels, images, null);
    }

    private int read(Path file, int recordBytes, int[] labels, byte[][] images, int first) throws IOException {
        int next = first;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 18)) {
            byte[] record = new byte[recordBytes];
            while (next < images.length && in.readNBytes(record, 0, recordBytes) == recordBytes) {
                labels[next] = label(file, record, next - first);
                images[next] = interleave(record);
                next++;
            }
        }
        if (next - first != Files.size(file) / recordBytes) {
            throw new IOException(file + " changed while it was read");
        }
        return next;
    }

    private int label(Path file, byte[] record, int index) throws MalformedFileException {
        if (labelBytes == 2 && (record[0] & 0xFF) >= COARSE_CLASSES) {
            throw new MalformedFileException(
                    file, "coarse label of record " + index, record[0] & 0xFF, "0 … " + (COARSE_CLASSES - 1));
        }
        int value = record[labelBytes - 1] & 0xFF;
        if (value >= classes) {
            throw new MalformedFileException(file, "label of record " + index, value, "0 … " + (classes - 1));
        }
        return value;
    }

    private byte[] interleave(byte[] record) {
        byte[] image = new byte[3 * PLANE];
        for (int pixel = 0, at = 0; pixel < PLANE; pixel++) {
            image[at++] = record[labelBytes + pixel];
            image[at++] = record[labelBytes + PLANE + pixel];
            image[at++] = record[labelBytes + 2 * PLANE + pixel];
        }
        return image;
    }
}
