package dev.quern.surrogate;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.data.ImageDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.select.score.LastLayerGradients;
import dev.quern.select.score.MovingOneSampleOut;
import dev.quern.select.score.MovingOneSampleOut.Products;
import dev.quern.select.score.TrainingDynamics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a network made of every training sample, epoch by epoch, as {@link DynamicsRecorder} wrote it. Arrays are read when asked for. */
public final class Evidence {
    private final Path folder;
    private final int[] labels;
    private final int classes;
    private final Surrogate.Gradients gradients;
    private final double[] learningRates;
    private final double seconds;

    private Evidence(
            Path folder,
            int[] labels,
            int classes,
            Surrogate.Gradients gradients,
            double[] learningRates,
            double seconds) {
        this.folder = folder;
        this.labels = labels;
        this.classes = classes;
        this.gradients = gradients;
        this.learningRates = learningRates;
        this.seconds = seconds;
    }

    /**
     * Of a finished run.
     *
     * @param run folder of the run
     * @param data that it was trained on
     * @param surrogate that was trained there
     * @param seconds that it took
     */
    static Evidence read(Path run, ImageDataset data, Surrogate surrogate, double seconds) throws IOException {
        int epochs = surrogate.epochs();
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        double[] learningRates = new double[epochs];
        for (int epoch = 0; epoch < epochs; epoch++) {
            learningRates[epoch] = new ObjectMapper()
                    .readTree(lines.get(epoch))
                    .get("learning_rate")
                    .asDouble();
        }
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        return new Evidence(
                run.resolve("dynamics"),
                labels,
                data.classNames().size(),
                surrogate.gradients(),
                learningRates,
                seconds);
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

    /** L2 norms [N] of the surrogate's kind of gradients after an epoch, for {@link dev.quern.select.score.GradientNorm}. */
    double[] gradientNorms(int epoch) throws IOException {
        return gradients == Surrogate.Gradients.LAST_LAYER
                ? gradients(epoch).norms()
                : Arrays.stream(gradientProducts(epoch).squares())
                        .map(Math::sqrt)
                        .toArray();
    }

    /** Products of the surrogate's kind of gradients after an epoch, for {@link MovingOneSampleOut}. */
    Products gradientProducts(int epoch) throws IOException {
        if (gradients == Surrogate.Gradients.LAST_LAYER) {
            return gradients(epoch).products();
        }
        Path file = DynamicsRecorder.gradients(folder, epoch);
        double[] rows = array(file).toDoubles();
        double[] squares = new double[labels.length];
        double[] along = new double[labels.length];
        for (int i = 0; i < labels.length; i++) {
            squares[i] = rows[2 * i];
            along[i] = rows[2 * i + 1];
        }
        // The mean of ⟨G, g⟩ is ⟨G, G⟩.
        return new Products(Arrays.stream(along).average().orElse(0), squares, along);
    }

    private float[] rows(Path file) throws IOException {
        return array(file).toFloats();
    }

    private Tensor array(Path file) throws IOException {
        Tensor array = NpyFile.read(file);
        if (array.shape().length != 2 || array.shape()[0] != labels.length) {
            throw new IOException(
                    file + ": holds " + array + ", allowed: a row for each of " + labels.length + " training samples");
        }
        return array;
    }
}
