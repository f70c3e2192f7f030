package dev.quern.data;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names a data set: {@code shapes | cifar10:DIR | cifar100:DIR | tiny-imagenet:DIR | folder:DIR | idx:IMAGES,LABELS | manifest:FILE}.
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
        MANIFEST("manifest", "FILE");

        private final String word;
        private final String arguments;

        Kind(String word, String arguments) {
            this.word = word;
            this.arguments = arguments;
        }

        public String syntax() {
            return arguments.isEmpty() ? word : word + ":" + arguments;
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
                                        .toList()) + "', allowed: "
                        + Stream.of(Kind.values()).map(Kind::syntax).collect(Collectors.joining(" | "))));
        List<String> arguments =
                colon < 0 ? List.of() : Arrays.asList(text.substring(colon + 1).split(",", -1));
        if (kind != Kind.IDX && colon >= 0) {
            arguments = List.of(text.substring(colon + 1));
        }
        int needed = kind == Kind.SHAPES ? 0 : kind == Kind.IDX ? 2 : 1;
        if (arguments.size() != needed || arguments.contains("")) {
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
     */
    public Splits open(DatasetOptions options) throws IOException {
        return switch (kind) {
            case SHAPES -> ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSeed(options.seed()));
            case CIFAR10 -> CifarFiles.CIFAR10.open(paths.get(0));
            case CIFAR100 -> CifarFiles.CIFAR100.open(paths.get(0));
            case TINY_IMAGENET -> TinyImageNetFiles.open(paths.get(0), options);
            case FOLDER -> FolderFiles.open(paths.get(0), options);
            case IDX -> SubsetDataset.holdOut(IdxFiles.open(paths.get(0), paths.get(1)), options);
            case MANIFEST -> SubsetDataset.holdOut(ManifestFile.open(paths.get(0), options), options);
        };
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        String arguments = paths.stream().map(Path::toString).collect(Collectors.joining(","));
        return arguments.isEmpty() ? kind.word : kind.word + ":" + arguments;
    }
}
