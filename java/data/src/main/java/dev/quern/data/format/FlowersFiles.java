package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.io.MalformedFileException;
import dev.quern.io.MatFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Oxford Flowers-102 as distributed: jpg/image_00001.jpg …, imagelabels.mat with the class of every image, setid.mat with the numbers of the
 * images in the training, validation and test split. Training and validation images are the training split. Classes have numbers for names.
 *
 * <p>Source: Nilsback and Zisserman, Automated Flower Classification over a Large Number of Classes (2008).
 */
final class FlowersFiles {
    private static final String FOLDER = "flowers-102";
    private static final int CLASSES = 102;

    private final Path root;
    private final Path setFile;
    private final MatFile sets;
    private final int[] labels;
    private final BitSet taken = new BitSet();

    private FlowersFiles(Path root) throws IOException {
        this.root = root;
        setFile = root.resolve("setid.mat");
        sets = MatFile.read(setFile);
        Path labelFile = root.resolve("imagelabels.mat");
        labels = MatFile.read(labelFile).integers("labels");
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 1 || labels[i] > CLASSES) {
                throw new MalformedFileException(labelFile, "label of image " + (i + 1), labels[i], "1 … " + CLASSES);
            }
        }
    }

    static Splits open(Path path, DatasetOptions options) throws IOException {
        FlowersFiles files = new FlowersFiles(ImageFiles.distribution(path, FOLDER));
        List<ImageFiles.Entry> train = files.entries("trnid", "valid");
        List<ImageFiles.Entry> test = files.entries("tstid");
        List<String> classNames =
                IntStream.rangeClosed(1, CLASSES).mapToObj(Integer::toString).toList();
        return ImageFiles.splits("flowers102", train, test, classNames, options);
    }

    private List<ImageFiles.Entry> entries(String... variables) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (String variable : variables) {
            for (int image : sets.integers(variable)) {
                String field = "image in '" + variable + "'";
                if (image < 1 || image > labels.length) {
                    throw new MalformedFileException(setFile, field, image, "1 … " + labels.length);
                }
                if (taken.get(image)) {
                    throw new MalformedFileException(setFile, field, image, "each image once in all sets");
                }
                taken.set(image);
                Path file = root.resolve("jpg").resolve(String.format("image_%05d.jpg", image));
                entries.add(new ImageFiles.Entry(file, labels[image - 1] - 1));
            }
        }
        return entries;
    }
}
