package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.NearestName;
import dev.quern.data.Splits;
import dev.quern.data.SubsetDataset;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names a data set, such as {@code shapes}, {@code cifar10:DIR} or {@code idx:IMAGES,LABELS}: a {@link Kind} and its paths.
 *
 * @param paths as many as the kind asks for
 */
public record DatasetSpec(Kind kind, List<Path> paths) {
    /** Kinds of data sets; {@link #syntax()} is how they are written. */
    public enum Kind {
        SHAPES("shapes", ""),
        CIFAR10("cifar10", "DIR"),
        CIFAR100("cifar100", "DIR"),
        TINY_IMAGENET("tiny-imagenet", "DIR"),
        FOLDER("folder", "DIR"),
        IDX("idx", "IMAGES,LABELS"),
        MANIFEST("manifest", "FILE"),
        FLOWERS102("flowers102", "DIR"),
        PETS("pets", "DIR"),
        AIRCRAFT("aircraft", "DIR"),
        CARS("cars", "DIR"),
        LONG_TAIL("long-tail", "ROOT,TRAIN.txt,TEST.txt[,OPEN.txt]");

        private final String word;
        private final String arguments;

        Kind(String word, String arguments) {
            this.word = word;
            this.arguments = arguments;
        }

        public String syntax() {
            return arguments.isEmpty() ? word : word + ":" + arguments;
        }

        /** How all kinds are written. */
        public static String allSyntax() {
            return Stream.of(values()).map(Kind::syntax).collect(Collectors.joining(" | "));
        }

        private int mostPaths() {
            return arguments.isEmpty() ? 0 : arguments.split(",").length;
        }

        private int leastPaths() {
            return mostPaths() - (arguments.contains("[") ? 1 : 0);
        }

        /** Whether the images have one size, whatever is asked for. */
        private boolean hasOneSize() {
            return this == SHAPES || this == CIFAR10 || this == CIFAR100 || this == IDX;
        }
    }

    public DatasetSpec {
        paths = List.copyOf(paths);
    }

    /**
     * Reads a specification.
     *
     * @throws IllegalArgumentException naming what is wrong, and for an unknown kind the nearest valid one
     */
    public static DatasetSpec parse(String text) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        Kind kind = Stream.of(Kind.values())
                .filter(known -> known.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("data set kind is '" + word + "', nearest: '"
                        + NearestName.of(
                                word,
                                Stream.of(Kind.values())
                                        .map(known -> known.word)
                                        .toList()) + "', allowed: " + Kind.allSyntax()));
        List<String> arguments =
                colon < 0 ? List.of() : Arrays.asList(text.substring(colon + 1).split(",", -1));
        if (kind.mostPaths() == 1 && colon >= 0) {
            arguments = List.of(text.substring(colon + 1));
        }
        if (arguments.size() < kind.leastPaths() || arguments.size() > kind.mostPaths() || arguments.contains("")) {
            throw new IllegalArgumentException("data set is '" + text + "', allowed: " + kind.syntax());
        }
        try {
            return new DatasetSpec(kind, arguments.stream().map(Path::of).toList());
        } catch (InvalidPathException noPath) {
            throw new IllegalArgumentException("data set is '" + text + "': " + noPath.getMessage(), noPath);
        }
    }

    /**
     * Opens the data.
     *
     * @throws IOException naming the file and what is wrong with it
     * @throws IllegalArgumentException if a size is asked for that the images cannot have
     */
    public Splits open(DatasetOptions options) throws IOException {
        if (kind.hasOneSize() && options.framing().side() > 0) {
            throw new IllegalArgumentException("image size is "
                    + options.framing().side() + ", allowed for " + kind.word + ": 0, its images have one size");
        }
        return switch (kind) {
            case SHAPES -> ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSeed(options.seed()));
            case CIFAR10 -> CifarFiles.CIFAR10.open(paths.get(0));
            case CIFAR100 -> CifarFiles.CIFAR100.open(paths.get(0));
            case TINY_IMAGENET -> TinyImageNetFiles.open(paths.get(0), options);
            case FOLDER -> FolderFiles.open(paths.get(0), options);
            case IDX -> SubsetDataset.holdOut(IdxFiles.open(paths.get(0), paths.get(1)), options);
            case MANIFEST -> SubsetDataset.holdOut(ManifestFile.open(paths.get(0), options), options);
            case FLOWERS102 -> FlowersFiles.open(paths.get(0), options);
            case PETS -> PetsFiles.open(paths.get(0), options);
            case AIRCRAFT -> AircraftFiles.open(paths.get(0), options);
            case CARS -> CarsFiles.open(paths.get(0), options);
            case LONG_TAIL -> LongTailFiles.open(paths, options);
        };
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        String arguments = paths.stream().map(Path::toString).collect(Collectors.joining(","));
        return arguments.isEmpty() ? kind.word : kind.word + ":" + arguments;
    }
}
