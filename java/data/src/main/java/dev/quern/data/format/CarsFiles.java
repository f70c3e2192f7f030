package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.io.MalformedFileException;
import dev.quern.io.MatFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Stanford Cars as distributed: cars_train and cars_test with the images, devkit/cars_meta.mat with the classes in order,
 * devkit/cars_train_annos.mat and cars_test_annos_withlabels.mat with a struct per image.
 *
 * <p>Source: Krause, Stark, Deng and Fei-Fei, 3D Object Representations for Fine-Grained Categorization (2013).
 */
final class CarsFiles {
    private static final String FOLDER = "stanford_cars";

    private CarsFiles() {}

    static Splits open(Path path, DatasetOptions options) throws IOException {
        Path root = ImageFiles.distribution(path, FOLDER);
        Path devkit = root.resolve("devkit");
        List<String> classNames = MatFile.read(devkit.resolve("cars_meta.mat")).texts("class_names");
        List<ImageFiles.Entry> train =
                entries(root.resolve("cars_train"), devkit.resolve("cars_train_annos.mat"), classNames);
        List<ImageFiles.Entry> test =
                entries(root.resolve("cars_test"), root.resolve("cars_test_annos_withlabels.mat"), classNames);
        return ImageFiles.splits("cars", train, test, classNames, options);
    }

    private static List<ImageFiles.Entry> entries(Path images, Path annotations, List<String> classNames)
            throws IOException {
        MatFile file = MatFile.read(annotations);
        List<String> names = file.texts("annotations", "fname");
        int[] classes = file.integers("annotations", "class");
        List<ImageFiles.Entry> entries = new ArrayList<>(classes.length);
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] < 1 || classes[i] > classNames.size()) {
                throw new MalformedFileException(
                        annotations, "class of annotation " + i, classes[i], "1 … " + classNames.size());
            }
            try {
                entries.add(new ImageFiles.Entry(images.resolve(names.get(i)), classes[i] - 1));
            } catch (InvalidPathException noPath) {
                throw new MalformedFileException(annotations, "fname of annotation " + i, names.get(i), "a path");
            }
        }
        return entries;
    }
}
