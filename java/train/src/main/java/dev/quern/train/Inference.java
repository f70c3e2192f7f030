package dev.quern.train;

import dev.quern.augment.NoAugment;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.Autocast;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.UnitRows;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Forward passes over a whole data set without augmentation, in evaluation mode.
 *
 * @param kernel brings images into the network's input format
 * @param batchSize images per pass, ≥ 1
 * @param stop ends a pass with {@link StoppedException}
 */
public record Inference(Engine engine, FusedAugment kernel, Precision precision, int batchSize, StopSignal stop) {

    /** What the network says of every image. */
    public Predictions predictions(Network network, ImageDataset data) throws IOException {
        int[] given = IntStream.range(0, data.size()).map(data::label).toArray();
        int[] classes = new int[data.size()];
        float[] confidences = new float[data.size()];
        forEachBatch(network, data, (first, features, labels) -> {
            Tensor logits = network.classify(features);
            LongBuffer places = TensorMemory.bytes(logits.argmax(new LongOptional(1), false))
                    .asLongBuffer();
            FloatBuffer values = TensorMemory.bytes(logits.softmax(1).amax(new long[] {1}, false))
                    .asFloatBuffer();
            for (int i = first; values.hasRemaining(); i++) {
                confidences[i] = values.get();
                classes[i] = (int) places.get();
            }
        });
        return new Predictions(given, classes, confidences);
    }

    /** L2-normalised penultimate features FLOAT32 [N,{@link Network#featureSize()}] on the engine's device, to be closed by the caller. */
    public NativeBuffer normalizedFeatures(Network network, ImageDataset data) throws IOException {
        NativeBuffer all = NativeBuffer.allocate(engine.device(), DType.FLOAT32, data.size(), network.featureSize());
        try (PointerScope scope = new PointerScope()) {
            Tensor target = TensorMemory.view(all);
            forEachBatch(network, data, (first, features, labels) -> {
                target.narrow(0, first, features.size(0)).copy_(UnitRows.of(features));
            });
            return all;
        } catch (IOException | RuntimeException failure) {
            all.close();
            throw failure;
        }
    }

    /** Takes the features of one batch, whose first image is number {@code first} of the pass. */
    @FunctionalInterface
    public interface BatchVisitor {
        void visit(int first, Tensor features, Tensor labels);
    }

    /** Shows every image, in order, to the network, batch by batch. */
    public void forEachBatch(Network network, ImageDataset data, BatchVisitor visitor) throws IOException {
        int[] order = IntStream.range(0, data.size()).toArray();
        forEachBatch(network, data, new InputBatches.Pass(order, List.of(new NoAugment()), 0, 0), visitor);
    }

    /** Shows the first view of a pass to the network, batch by batch. */
    public void forEachBatch(Network network, ImageDataset data, InputBatches.Pass pass, BatchVisitor visitor)
            throws IOException {
        network.mode(Mode.EVALUATE);
        int chain = pass.views().get(0).chain();
        int most = Math.min(batchSize, data.size());
        try (InputBatches batches = new InputBatches(engine, kernel, data, most, 1, chain)) {
            batches.start(pass);
            for (int first = 0; batches.next(); first += batches.size()) {
                stop.check();
                try (PointerScope scope = new PointerScope();
                        NoGradGuard guard = new NoGradGuard()) {
                    visitor.visit(first, features(network, batches.images(0)), batches.labels());
                }
            }
        } finally {
            network.mode(Mode.TRAIN);
        }
    }

    /**
     * Penultimate features of a batch without augmentation, in evaluation mode: float32 [B,{@link Network#featureSize()}] without gradient.
     */
    public Tensor features(Network network, RawBatch batch) {
        long[] shape = batch.images().shape();
        shape[0] = batch.size();
        network.mode(Mode.EVALUATE);
        try (NoGradGuard guard = new NoGradGuard();
                AugmentBatch plain = new AugmentBatch(batch.size(), 0);
                NativeBuffer input = NativeBuffer.allocate(engine.device(), kernel.dtype(), shape)) {
            for (int row = 0; row < batch.size(); row++) {
                plain.image(row, batch.shown()[row]);
            }
            kernel.apply(engine, batch.images(), plain, input);
            return features(network, TensorMemory.channelsLast(input, batch.size()));
        } finally {
            network.mode(Mode.TRAIN);
        }
    }

    private Tensor features(Network network, Tensor images) {
        try (Autocast autocast = Autocast.to(precision)) {
            return network.features(images);
        }
    }
}
