package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.image.ImageShape;
import dev.quern.io.Limits;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Image lists as of ImageNet-LT and Places-LT: a line "path label" per image, paths relative to one root, labels from 0. Classes have numbers
 * for names; the training list says how many there are. A list of images of other classes may stand beside, whatever its labels are.
 *
 * <p>Source: Liu et al., Large-Scale Long-Tailed Recognition in an Open World (2019).
 */
final class LongTailFiles {
    private static final String NAME = "long-tail";

    private LongTailFiles() {}

    /** @param paths the root, the lists of training and test images, and perhaps that of unknown ones */
    static Splits open(List<Path> paths, DatasetOptions options) throws IOException {
        Path root = paths.get(0);
        List<ImageFiles.Entry> train = entries(root, paths.get(1), 0, Limits.CLASSES - 1);
        int most = train.stream().mapToInt(ImageFiles.Entry::label).max().orElse(0);
        List<ImageFiles.Entry> test = entries(root, paths.get(2), 0, most);
        List<String> classNames =
                IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
        Splits known = ImageFiles.splits(NAME, train, test, classNames, options);
        if (paths.size() == 3) {
            return known;
        }
        ImageShape shape = new ImageShape(
                known.train().height(), known.train().width(), options.framing().fit());
        List<ImageFiles.Entry> unknown = entries(root, paths.get(3), -1, Limits.CLASSES - 1).stream()
                .map(entry -> new ImageFiles.Entry(entry.file(), 0))
                .toList();
        ImageDataset open = ImageFiles.open(NAME + " open", unknown, List.of("unknown"), shape, options);
        return new Splits(known.train(), known.test(), Optional.of(open));
    }

    private static List<ImageFiles.Entry> entries(Path root, Path list, int least, int most) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (TextFile.Entry line : TextFile.entries(list)) {
            String text = line.text();
            int end = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
            if (end < 0) {
                throw line.refusal("a path and a label");
            }
            int label = line.integer(text.substring(end + 1), least, most);
            Path file = line.resolve(root, text.substring(0, end).strip());
            entries.add(new ImageFiles.Entry(file, label));
        }
        return entries;
    }
}
