package dev.quern.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.data.ImageDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.select.LastLayerGradients;
import dev.quern.select.TrainingDynamics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** What a network made of every training sample, epoch by epoch, as {@link DynamicsRecorder} wrote it. Arrays are read when asked for. */
public final class Evidence {
    private final Path folder;
    private final int[] labels;
    private final int classes;
    private final double[] learningRates;
    private final double seconds;

    private Evidence(Path folder, int[] labels, int classes, double[] learningRates, double seconds) {
        this.folder = folder;
        this.labels = labels;
        this.classes = classes;
        this.learningRates = learningRates;
        this.seconds = seconds;
    }

    /**
     * Of a finished run.
     *
     * @param run folder of the run
     * @param data that it was trained on
     * @param seconds that it took
     */
    static Evidence read(Path run, ImageDataset data, int epochs, double seconds) throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        double[] learningRates = new double[epochs];
        for (int epoch = 0; epoch < epochs; epoch++) {
            learningRates[epoch] = new ObjectMapper()
                    .readTree(lines.get(epoch))
                    .get("learning_rate")
                    .asDouble();
        }
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        return new Evidence(run.resolve("dynamics"), labels, data.classNames().size(), learningRates, seconds);
    }

    public int epochs() {
        return learningRates.length;
    }

    /** What it took to train the network and to look through it. */
    public double seconds() {
        return seconds;
    }

    /** Of the last step of an epoch. */
    public double learningRate(int epoch) {
        return learningRates[epoch];
    }

    /** Probabilities after each of the first {@code epochs} epochs, without augmentation. */
    public TrainingDynamics afterEpochs(int epochs) throws IOException {
        float[][] all = new float[epochs][];
        for (int epoch = 0; epoch < epochs; epoch++) {
            all[epoch] = probabilities(epoch);
        }
        return new TrainingDynamics(labels, classes, all);
    }

    /** Probabilities of the visits of each epoch, augmented, before the step that learned from them. */
    public TrainingDynamics visits() throws IOException {
        float[][] all = new float[epochs()][];
        for (int epoch = 0; epoch < all.length; epoch++) {
            all[epoch] = rows(DynamicsRecorder.visits(folder, epoch));
        }
        return new TrainingDynamics(labels, classes, all);
    }

    /** Class probabilities [N,C] after an epoch, without augmentation. */
    public float[] probabilities(int epoch) throws IOException {
        return rows(DynamicsRecorder.probabilities(folder, epoch));
    }

    /** Penultimate features [N,D] after an epoch, without augmentation. */
    public float[] features(int epoch) throws IOException {
        return rows(DynamicsRecorder.features(folder, epoch));
    }

    /** Penultimate features [N,D] of the trained network. */
    public float[] features() throws IOException {
        return features(epochs() - 1);
    }

    /** Gradients of the last layer after an epoch, without augmentation. */
    public LastLayerGradients gradients(int epoch) throws IOException {
        float[] features = features(epoch);
        int dimension = features.length / labels.length;
        return new LastLayerGradients(probabilities(epoch), classes, features, dimension, labels);
    }

    /** Gradients of the last layer of the trained network. */
    public LastLayerGradients gradients() throws IOException {
        return gradients(epochs() - 1);
    }

    private float[] rows(Path file) throws IOException {
        Tensor array = NpyFile.read(file);
        if (array.shape().length != 2 || array.shape()[0] != labels.length) {
            throw new IOException(
                    file + ": holds " + array + ", allowed: a row for each of " + labels.length + " training samples");
        }
        return array.toFloats();
    }
}
