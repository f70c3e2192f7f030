package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tiny-ImageNet as distributed: wnids.txt, words.txt, train/WNID/images, val/images with val_annotations.txt. The label is the place of the
 * WordNet id in their sorted list; classes without a training folder keep their place. The validation images are the test split.
 *
 * <p>Source: Le and Yang, Tiny ImageNet Visual Recognition Challenge (2015).
 */
final class TinyImageNetFiles {
    private static final String FOLDER = "tiny-imagenet-200";

    private TinyImageNetFiles() {}

    static Splits open(Path path, DatasetOptions options) throws IOException {
        Path root = ImageFiles.distribution(path, FOLDER);
        List<String> wnids = TextFile.names(root.resolve("wnids.txt")).stream()
                .sorted()
                .distinct()
                .toList();
        List<String> classNames = classNames(root, wnids);
        List<ImageFiles.Entry> train = train(root.resolve("train"), wnids);
        List<ImageFiles.Entry> test = test(root.resolve("val"), wnids);
        return ImageFiles.splits("tiny-imagenet", train, test, classNames, options);
    }

    /** The first of each class's words, or its id where words.txt has none. */
    private static List<String> classNames(Path root, List<String> wnids) throws IOException {
        Map<String, String> words = new HashMap<>();
        if (Files.exists(root.resolve("words.txt"))) {
            for (String line : TextFile.names(root.resolve("words.txt"))) {
                String[] fields = line.split("\t", 2);
                if (fields.length == 2) {
                    words.put(fields[0], fields[1].split(",", 2)[0].strip());
                }
            }
        }
        return wnids.stream().map(wnid -> words.getOrDefault(wnid, wnid)).toList();
    }

    private static List<ImageFiles.Entry> train(Path folder, List<String> wnids) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (int label = 0; label < wnids.size(); label++) {
            Path images = folder.resolve(wnids.get(label)).resolve("images");
            if (Files.isDirectory(images)) {
                for (Path image : FolderFiles.images(images)) {
                    entries.add(new ImageFiles.Entry(image, label));
                }
            }
        }
        if (entries.isEmpty()) {
            throw new IOException(folder + " holds no images of the classes in wnids.txt");
        }
        return entries;
    }

    private static List<ImageFiles.Entry> test(Path folder, List<String> wnids) throws IOException {
        Path annotations = folder.resolve("val_annotations.txt");
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (TextFile.Entry line : TextFile.entries(annotations)) {
            String[] fields = line.text().split("\t");
            int label = fields.length < 2 ? -1 : Collections.binarySearch(wnids, fields[1]);
            if (label < 0) {
                throw line.refusal("a file name, a tab and an id of wnids.txt");
            }
            entries.add(new ImageFiles.Entry(line.resolve(folder.resolve("images"), fields[0]), label));
        }
        return entries;
    }
}
