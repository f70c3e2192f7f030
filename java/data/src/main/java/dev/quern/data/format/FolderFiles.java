package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.data.SubsetDataset;
import dev.quern.data.image.ImageDecoder;
import dev.quern.data.image.ImageShape;
import dev.quern.io.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Images in one folder per class; the classes are the folders' names in order. Subfolders train and test (or val) are used where present. */
final class FolderFiles {
    private static final int DEEPEST = 8;

    private FolderFiles() {}

    static Splits open(Path root, DatasetOptions options) throws IOException {
        Path train = root.resolve("train");
        Path test = Files.isDirectory(root.resolve("test")) ? root.resolve("test") : root.resolve("val");
        String name = "folder " + root.getFileName();
        if (!Files.isDirectory(train) || !Files.isDirectory(test)) {
            List<String> classes = classes(root);
            List<ImageFiles.Entry> entries = entries(root, classes);
            ImageShape shape = ImageFiles.shape(name, entries, options);
            return SubsetDataset.holdOut(ImageFiles.open(name, entries, classes, shape, options), options);
        }
        List<String> classes = classes(train);
        for (String testClass : classes(test)) {
            if (!classes.contains(testClass)) {
                throw new IOException("class folder " + test.resolve(testClass) + " has no counterpart in " + train);
            }
        }
        return ImageFiles.splits(name, entries(train, classes), entries(test, classes), classes, options);
    }

    /** The image files at or below {@code folder}, by name; hidden ones are left out. */
    static List<Path> images(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
            return files.filter(FolderFiles::isImage)
                    .sorted()
                    .limit(Limits.DATASET_IMAGES + 1L)
                    .toList();
        }
    }

    private static List<String> classes(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(root + " is not a folder");
        }
        try (Stream<Path> folders = Files.list(root)) {
            List<String> classes = folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(folder -> !folder.startsWith("."))
                    .sorted()
                    .toList();
            if (classes.isEmpty()) {
                throw new IOException(root + " holds no class folders");
            }
            return classes;
        }
    }

    private static List<ImageFiles.Entry> entries(Path root, List<String> classes) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            Path folder = root.resolve(classes.get(label));
            if (!Files.isDirectory(folder)) {
                continue;
            }
            List<Path> images = images(folder);
            if (images.isEmpty()) {
                throw new IOException(
                        "class folder " + folder + " holds no image, allowed: " + ImageDecoder.EXTENSIONS);
            }
            for (Path image : images) {
                entries.add(new ImageFiles.Entry(image, label));
            }
        }
        return entries;
    }

    private static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && ImageDecoder.EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1))
                && Files.isRegularFile(file);
    }
}
