package dev.quern.clip;

import dev.quern.io.AtomicFile;
import dev.quern.io.MalformedFileException;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Embeddings on their way to a file, in a folder {@code FILE.parts} beside it: a part is written when it is whole, so that a run that was killed
 * goes on with the part it was at and ends with the same bits.
 */
public final class EmbeddingParts {
    /** Images of a part. */
    private static final int PART = 1024;

    private final Path folder;

    /** Embeds the rows {@code first} … {@code first + count − 1}: [count,D]. */
    @FunctionalInterface
    public interface Source {
        float[] rows(int first, int count) throws IOException;
    }

    /** Hears how far it is. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param done rows there are
         * @param computed of those, the ones that this run computed
         */
        void at(int done, int computed);
    }

    private EmbeddingParts(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens the folder for a file, which may hold parts already.
     *
     * @param settings all that the embeddings depend on; parts made under others are refused
     */
    public static EmbeddingParts of(Path file, String settings) throws IOException {
        Path folder = file.resolveSibling(file.getFileName() + ".parts");
        Files.createDirectories(folder);
        Path kept = folder.resolve("settings.json");
        if (Files.exists(kept) && !Files.readString(kept).equals(settings)) {
            throw new IllegalArgumentException(
                    folder + " holds parts of " + MalformedFileException.printable(Files.readString(kept))
                            + ", allowed: the same settings, or the folder removed");
        }
        AtomicFile.writeText(kept, settings);
        return new EmbeddingParts(folder);
    }

    /**
     * Embeds what is not there yet.
     *
     * @param name of the parts
     * @return [rows,dimension]
     */
    public float[] rows(String name, int rows, int dimension, Source source, Progress progress) throws IOException {
        float[] all = new float[Math.multiplyExact(rows, dimension)];
        int computed = 0;
        for (int first = 0; first < rows; first += PART) {
            int count = Math.min(PART, rows - first);
            Path part = folder.resolve(name + "-" + first + ".npy");
            if (!Files.exists(part)) {
                NpyFile.write(part, Tensor.of(source.rows(first, count), count, dimension));
                computed += count;
            }
            float[] values = read(part, count, dimension);
            System.arraycopy(values, 0, all, first * dimension, values.length);
            progress.at(first + count, computed);
        }
        return all;
    }

    private static float[] read(Path part, int rows, int dimension) throws IOException {
        Tensor array = NpyFile.read(part);
        if (array.type() != TensorType.F32 || !Arrays.equals(array.shape(), new long[] {rows, dimension})) {
            throw new MalformedFileException(part, "array", array, "F32[" + rows + ", " + dimension + "]");
        }
        return array.toFloats();
    }

    /** Removes the folder; the file is whole. */
    public void delete() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
