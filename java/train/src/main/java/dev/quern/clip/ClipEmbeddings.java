package dev.quern.clip;

import dev.quern.io.MalformedFileException;
import dev.quern.io.SafetensorsFile;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Image embeddings, the text embedding of every class, and the given label of every image. The arrays are shared, not copied.
 *
 * @param images [N,D] finite, as CLIP returns them: not normalised
 * @param texts [C,D] finite
 * @param labels [N] in 0 … C−1, each class at least once
 * @param dimension D
 */
public record ClipEmbeddings(float[] images, float[] texts, int[] labels, int dimension) {
    public ClipEmbeddings {
        if (dimension < 1 || labels.length == 0 || images.length != (long) labels.length * dimension) {
            throw new IllegalArgumentException("images has " + images.length + " values, allowed: " + labels.length
                    + " labels × " + dimension + ", at least one of each");
        }
        if (texts.length == 0 || texts.length % dimension != 0) {
            throw new IllegalArgumentException("texts has " + texts.length + " values, allowed: rows of " + dimension);
        }
        requireFinite("images", images, dimension);
        requireFinite("texts", texts, dimension);
        requireEachClass(labels, texts.length / dimension);
    }

    /**
     * Reads the training part of a file of {@code quern embed}: images, texts and labels.
     *
     * @throws MalformedFileException naming the file, the tensor and what is allowed
     */
    public static ClipEmbeddings read(Path file) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            long[] shape = source.shape("images");
            if (shape.length != 2) {
                throw new MalformedFileException(file, "tensor 'images'", Arrays.toString(shape), "two dimensions");
            }
            try {
                return new ClipEmbeddings(
                        source.read("images").toFloats(),
                        source.read("texts").toFloats(),
                        source.read("labels").toInts(),
                        (int) shape[1]);
            } catch (IllegalArgumentException | IllegalStateException | ArithmeticException refused) {
                throw new MalformedFileException(file, refused.getMessage(), refused);
            }
        }
    }

    /** Number of images N. */
    public int samples() {
        return labels.length;
    }

    /** Number of classes C. */
    public int classes() {
        return texts.length / dimension;
    }

    /** Ascending samples of every class. */
    int[][] members() {
        int[] sizes = sizes(labels, classes());
        int[][] members = new int[classes()][];
        Arrays.setAll(members, label -> new int[sizes[label]]);
        for (int i = labels.length - 1; i >= 0; i--) {
            members[labels[i]][--sizes[labels[i]]] = i;
        }
        return members;
    }

    /** Copies the images of {@code samples} into the first rows of a FLOAT32 buffer [≥ n,D]. */
    void copyImages(int[] samples, NativeBuffer rows) {
        FloatBuffer target = rows.bytes().asFloatBuffer();
        for (int sample : samples) {
            target.put(images, sample * dimension, dimension);
        }
    }

    private static void requireEachClass(int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "labels[" + i + "] is " + labels[i] + ", allowed: 0 … " + (classes - 1));
            }
        }
        int[] sizes = sizes(labels, classes);
        for (int label = 0; label < classes; label++) {
            if (sizes[label] == 0) {
                throw new IllegalArgumentException(
                        "labels has no sample of class " + label + ", allowed: at least one of each of " + classes);
            }
        }
    }

    private static int[] sizes(int[] labels, int classes) {
        int[] sizes = new int[classes];
        for (int label : labels) {
            sizes[label]++;
        }
        return sizes;
    }

    private static void requireFinite(String name, float[] values, int dimension) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        name + " has " + values[i] + " in row " + i / dimension + ", allowed: finite numbers");
            }
        }
    }
}
