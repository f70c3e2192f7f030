package dev.quern.surrogate;

import dev.quern.augment.NoAugment;
import dev.quern.data.ImageDataset;
import dev.quern.nn.Autocast;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.select.score.LastLayerGradients;
import dev.quern.select.score.MovingOneSampleOut.Products;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.optimizer.CrossEntropy;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Gradients of single samples' cross-entropy: by the last layer, or by all parameters of a network, which takes a forward and a backward pass for
 * each sample. Without augmentation, in evaluation mode.
 *
 * @param inference how images come to the network; its batches count for the last layer and the mean
 */
public record SampleGradients(Network network, Inference inference) {

    /** Those by the last layer, of all samples. */
    public LastLayerGradients lastLayer(ImageDataset data) throws IOException {
        int classes = network.classes();
        int dimension = network.featureSize();
        float[] probabilities = new float[Math.multiplyExact(data.size(), classes)];
        float[] features = new float[Math.multiplyExact(data.size(), dimension)];
        inference.forEachBatch(network, data, (first, rows, labels) -> {
            copy(network.classify(rows).softmax(1), probabilities, first * classes);
            copy(rows, features, first * dimension);
        });
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        return new LastLayerGradients(probabilities, classes, features, dimension, labels);
    }

    private static void copy(Tensor rows, float[] target, int at) {
        TensorMemory.bytes(rows.contiguous()).asFloatBuffer().get(target, at, (int) rows.numel());
    }

    /** Of the gradients by all parameters, what {@link dev.quern.select.score.MovingOneSampleOut} and, by its squares, GraNd ask for. */
    public Products products(ImageDataset data) throws IOException {
        double[] squares = new double[data.size()];
        double[] along = new double[data.size()];
        try (PointerScope scope = new PointerScope();
                Scalar share = new Scalar(1.0 / data.size())) {
            Tensor mean = torch.zeros_like(network.flat().gradients());
            forEach(data, inference.batchSize(), (first, gradient) -> mean.add_(gradient, share));
            forEach(data, 1, (sample, gradient) -> {
                squares[sample] = gradient.dot(gradient).item_double();
                along[sample] = gradient.dot(mean).item_double();
            });
            return new Products(mean.dot(mean).item_double(), squares, along);
        }
    }

    /** Takes the gradient of the summed loss of a batch, whose first image is sample {@code first}; it is valid during the call. */
    interface Visitor {
        void visit(int first, Tensor gradient);
    }

    /** Shows every sample to the network, {@code batch} at a time. */
    void forEach(ImageDataset data, int batch, Visitor visitor) throws IOException {
        network.mode(Mode.EVALUATE);
        int[] order = IntStream.range(0, data.size()).toArray();
        int most = Math.min(batch, data.size());
        try (InputBatches batches = new InputBatches(inference.engine(), inference.kernel(), data, most, 1, 0)) {
            batches.start(new InputBatches.Pass(order, List.of(new NoAugment()), 0, 0));
            for (int first = 0; batches.next(); first += batches.size()) {
                inference.stop().check();
                try (PointerScope scope = new PointerScope()) {
                    network.flat().zeroGradients();
                    Tensor logits = logits(batches.images(0));
                    CrossEntropy.ofSamples(logits, batches.labels()).sum().backward();
                    visitor.visit(first, network.flat().gradients());
                }
            }
        } finally {
            network.flat().zeroGradients();
            network.mode(Mode.TRAIN);
        }
    }

    private Tensor logits(Tensor images) {
        Tensor features;
        try (Autocast autocast = Autocast.to(inference.precision())) {
            features = network.features(images);
        }
        return network.classify(features);
    }
}
