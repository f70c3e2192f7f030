package dev.quern.data.format;

import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.data.Splits;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Procedural 32×32 images of ten kinds of shapes, made from a seed: most are easy and look much alike, some are hard (faint, cluttered, small or
 * partly covered), and a known share of the training labels is wrong. Classes are balanced by true label.
 */
public final class ShapesDataset {
    static final int SIDE = 32;
    static final List<String> CLASS_NAMES = Stream.of(Shape.values())
            .map(shape -> shape.name().toLowerCase(Locale.ROOT))
            .toList();

    /**
     * @param train number of training images, 1 …
     * @param test number of test images, 1 …
     * @param hardShare share of hard images in both parts, 0 … 1
     * @param wrongShare share of training images whose label is wrong, 0 … 1; test labels are right
     */
    @RecordBuilder
    public record Options(int train, int test, double hardShare, double wrongShare, long seed)
            implements ShapesDatasetOptionsBuilder.With {
        public static final Options DEFAULT = new Options(6000, 1000, 0.3, 0.08, 0);

        public Options {
            requirePositive("train", train);
            requirePositive("test", test);
            requireShare("hardShare", hardShare);
            requireShare("wrongShare", wrongShare);
        }

        public Options withSizes(int train, int test) {
            return with(options -> options.train(train).test(test));
        }

        private static void requirePositive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is " + value + ", allowed: ≥ 1");
            }
        }

        private static void requireShare(String name, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(name + " is " + value + ", allowed: 0 … 1");
            }
        }
    }

    private enum Part {
        TRAIN,
        TEST
    }

    private ShapesDataset() {}

    /** Draws both parts. The same options give the same bytes on every machine. */
    public static Splits generate(Options options) {
        return new Splits(
                generate(options, Part.TRAIN, options.train(), options.wrongShare()),
                generate(options, Part.TEST, options.test(), 0));
    }

    private static ImageDataset generate(Options options, Part part, int size, double wrongShare) {
        int classes = Shape.values().length;
        byte[][] images = new byte[size][];
        IntStream.range(0, size).parallel().forEach(i -> {
            ShapePainter painter = new ShapePainter(options.seed(), part.ordinal(), i, options.hardShare());
            images[i] = painter.paint(Shape.values()[i % classes]);
        });
        int[] labels = IntStream.range(0, size).map(i -> i % classes).toArray();
        BitSet wrong = new BitSet(size);
        int[] order = Philox.permutation(options.seed(), part.ordinal(), size, Slot.SHAPES);
        for (int i = 0; i < Math.round(size * wrongShare); i++) {
            int sample = order[i];
            int shift = 1 + Philox.uniformInt(classes - 1, options.seed(), part.ordinal(), sample, Slot.SHAPES + 1);
            labels[sample] = (labels[sample] + shift) % classes;
            wrong.set(sample);
        }
        String name = part == Part.TRAIN ? "shapes train" : "shapes test";
        return new InMemoryDataset(name, SIDE, SIDE, CLASS_NAMES, labels, images, wrong);
    }
}
