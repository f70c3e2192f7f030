package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Oxford-IIIT Pet as distributed: images/*.jpg, and annotations/trainval.txt and test.txt with a line "name class species breed" per image. A
 * class is called what its images' names begin with.
 *
 * <p>Source: Parkhi, Vedaldi, Zisserman and Jawahar, Cats and Dogs (2012).
 */
final class PetsFiles {
    private static final String FOLDER = "oxford-iiit-pet";
    private static final int CLASSES = 37;

    private PetsFiles() {}

    static Splits open(Path path, DatasetOptions options) throws IOException {
        Path root = ImageFiles.distribution(path, FOLDER);
        String[] classNames = new String[CLASSES];
        Arrays.setAll(classNames, label -> Integer.toString(label + 1));
        List<ImageFiles.Entry> train = entries(root, "trainval.txt", classNames);
        List<ImageFiles.Entry> test = entries(root, "test.txt", classNames);
        return ImageFiles.splits("pets", train, test, List.of(classNames), options);
    }

    private static List<ImageFiles.Entry> entries(Path root, String list, String[] classNames) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (TextFile.Entry line : TextFile.entries(root.resolve("annotations").resolve(list))) {
            String[] fields = line.text().split("\\s+");
            int end = fields[0].lastIndexOf('_');
            if (fields.length < 2 || end < 1) {
                throw line.refusal("a name with a number behind its last '_', and a class");
            }
            int label = line.integer(fields[1], 1, CLASSES) - 1;
            classNames[label] = fields[0].substring(0, end);
            entries.add(new ImageFiles.Entry(line.resolve(root.resolve("images"), fields[0] + ".jpg"), label));
        }
        return entries;
    }
}
