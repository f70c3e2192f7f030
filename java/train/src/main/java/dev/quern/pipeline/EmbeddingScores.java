package dev.quern.pipeline;

import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.Engine;
import dev.quern.kernels.KnnDensity;
import dev.quern.select.AlignmentDiversity;

/** Alignment and diversity of image embeddings, for CLIP-powered selection (Yang et al. 2025). */
public final class EmbeddingScores {
    /** Share of a class that counts as near, the sample itself included. */
    private static final double NEAR = 0.1;

    private static final int MOST_NEIGHBOURS = 1024;

    private EmbeddingScores() {}

    /**
     * Scores embeddings. A sample's neighbours are a tenth of its class, itself counted, at most 1024; a class of one has distance 0.
     *
     * @param images [N,D], finite
     * @param texts [C,D], finite, a row per class
     * @param labels [N], 0 … C−1, every class present
     */
    public static AlignmentDiversity of(Engine engine, float[] images, float[] texts, int[] labels, int d) {
        int[][] members = members(labels, requireRows(images, texts, labels, d));
        float[] cosines = CosineConsistency.ofIndexedRows(engine, images, texts, labels, d);
        double[] alignment = new double[labels.length];
        double[] distances = new double[labels.length];
        for (int[] samples : members) {
            float[] near = distances(engine, rows(images, samples, d), d);
            for (int i = 0; i < samples.length; i++) {
                alignment[samples[i]] = cosines[samples[i]];
                distances[samples[i]] = near[i];
            }
        }
        return AlignmentDiversity.ofRaw(alignment, distances);
    }

    private static float[] distances(Engine engine, float[] points, int d) {
        int others = points.length / d - 1;
        int near = (int) Math.round(NEAR * (others + 1)) - 1;
        int k = Math.min(Math.max(1, near), Math.min(MOST_NEIGHBOURS, others));
        return k == 0 ? new float[1] : new KnnDensity(k).density(engine, points, d);
    }

    private static int requireRows(float[] images, float[] texts, int[] labels, int d) {
        if (d < 1 || labels.length == 0 || images.length != (long) labels.length * d) {
            throw new IllegalArgumentException(
                    "images has " + images.length + " values, allowed: " + labels.length + " labels × " + d);
        }
        if (texts.length == 0 || texts.length % d != 0) {
            throw new IllegalArgumentException("texts has " + texts.length + " values, allowed: rows of " + d);
        }
        requireFinite("images", images, d);
        requireFinite("texts", texts, d);
        return texts.length / d;
    }

    private static int[][] members(int[] labels, int classes) {
        int[] sizes = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "labels[" + i + "] is " + labels[i] + ", allowed: 0 … " + (classes - 1));
            }
            sizes[labels[i]]++;
        }
        int[][] members = new int[classes][];
        for (int c = 0; c < classes; c++) {
            if (sizes[c] == 0) {
                throw new IllegalArgumentException(
                        "labels has no sample of class " + c + ", allowed: at least one of each of " + classes);
            }
            members[c] = new int[sizes[c]];
        }
        for (int i = labels.length - 1; i >= 0; i--) {
            members[labels[i]][--sizes[labels[i]]] = i;
        }
        return members;
    }

    private static float[] rows(float[] images, int[] samples, int d) {
        float[] rows = new float[samples.length * d];
        for (int i = 0; i < samples.length; i++) {
            System.arraycopy(images, samples[i] * d, rows, i * d, d);
        }
        return rows;
    }

    private static void requireFinite(String name, float[] values, int d) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        name + " has " + values[i] + " in row " + i / d + ", allowed: finite numbers");
            }
        }
    }
}
