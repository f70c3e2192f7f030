package dev.quern.study;

import dev.quern.analysis.LabelledFeatures;
import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** What a frozen network makes of images, augmented by a policy; samples that are mixed keep their own label. */
public record Embedding(Network network, Inference inference, Layer layer) {
    /** Which of its outputs are the features. */
    public enum Layer {
        PENULTIMATE,
        LOGITS
    }

    /** Features of every sample [N,D], as the policy draws it for {@code seed}. */
    public LabelledFeatures of(ImageDataset data, AugmentPolicy policy, long seed) throws IOException {
        return of(data, pass(data, policy, seed));
    }

    /** Features [n,D] of the first view of the n samples of a pass. */
    public LabelledFeatures of(ImageDataset data, InputBatches.Pass pass) throws IOException {
        int[] order = pass.order();
        int dimension = layer == Layer.LOGITS ? network.classes() : network.featureSize();
        float[] values = new float[Math.multiplyExact(order.length, dimension)];
        inference.forEachBatch(network, data, pass, (first, features, labels) -> {
            Tensor output = (layer == Layer.LOGITS ? network.classify(features) : features).contiguous();
            TensorMemory.bytes(output).asFloatBuffer().get(values, first * dimension, (int) output.size(0) * dimension);
        });
        int[] labels = IntStream.of(order).map(data::label).toArray();
        return LabelledFeatures.of("features of " + pass.views().get(0).name(), values, labels);
    }

    /** Share of augmented samples whose highest score is their label's. */
    public double accuracy(ImageDataset data, AugmentPolicy policy, long seed) throws IOException {
        long[] right = {0};
        inference.forEachBatch(network, data, pass(data, policy, seed), (first, features, labels) -> {
            Tensor predicted = network.classify(features).argmax(new LongOptional(1), false);
            right[0] += predicted.eq(labels).sum().item_long();
        });
        return (double) right[0] / data.size();
    }

    private static InputBatches.Pass pass(ImageDataset data, AugmentPolicy policy, long seed) {
        int[] order = IntStream.range(0, data.size()).toArray();
        return new InputBatches.Pass(order, List.of(policy), seed, 0);
    }
}
