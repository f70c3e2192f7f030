package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.Splits;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * FGVC-Aircraft, variants, as distributed: data/images/*.jpg, data/variants.txt with the classes in order, and
 * data/images_variant_trainval.txt and images_variant_test.txt with a line "image variant" per image. The lowest 20 rows of every image are a
 * banner and left out.
 *
 * <p>Source: Maji, Rahtu, Kannala, Blaschko and Vedaldi, Fine-Grained Visual Classification of Aircraft (2013).
 */
final class AircraftFiles {
    private static final String FOLDER = "fgvc-aircraft-2013b";
    private static final int BANNER = 20;

    private AircraftFiles() {}

    static Splits open(Path path, DatasetOptions options) throws IOException {
        Path data = ImageFiles.distribution(path, FOLDER).resolve("data");
        List<String> variants = TextFile.names(data.resolve("variants.txt"));
        List<ImageFiles.Entry> train = entries(data, "images_variant_trainval.txt", variants);
        List<ImageFiles.Entry> test = entries(data, "images_variant_test.txt", variants);
        return ImageFiles.splits("aircraft", train, test, variants, options);
    }

    private static List<ImageFiles.Entry> entries(Path data, String list, List<String> variants) throws IOException {
        List<ImageFiles.Entry> entries = new ArrayList<>();
        for (TextFile.Entry line : TextFile.entries(data.resolve(list))) {
            String[] fields = line.text().split(" ", 2);
            int label = fields.length < 2 ? -1 : variants.indexOf(fields[1]);
            if (label < 0) {
                throw line.refusal("the number of an image, a space and a variant of variants.txt");
            }
            Path file = line.resolve(data.resolve("images"), fields[0] + ".jpg");
            entries.add(new ImageFiles.Entry(file, label, BANNER));
        }
        return entries;
    }
}
