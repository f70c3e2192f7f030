package dev.quern.surrogate;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.run.Recording;
import dev.quern.select.score.MovingOneSampleOut;
import dev.quern.train.Curriculum;
import dev.quern.train.Inference;
import dev.quern.train.Observation;
import dev.quern.train.record.PhaseClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Passes on a curriculum and writes, after each epoch, what the network makes of every training sample: its class probabilities and penultimate
 * features without augmentation in evaluation mode, and the probabilities of its visits, augmented and in training mode. A sample without a
 * visit in an epoch keeps the probabilities of its last one; before the first they are zero. Where asked to, also two products of the gradient g of
 * each sample's loss by all parameters: ‖g‖² and ⟨G, g⟩ with the mean gradient G.
 */
final class DynamicsRecorder implements Recording.Recorded {
    private static final String STATE = "visits";

    private final Curriculum recorded;
    private final ImageDataset data;
    private final Inference inference;
    private final Path folder;
    private final boolean gradients;
    private final int classes;
    private final float[] visits;

    /** @param folder made if absent; read by {@link Evidence} */
    DynamicsRecorder(Curriculum recorded, ImageDataset data, Inference inference, Path folder, boolean gradients)
            throws IOException {
        this.recorded = recorded;
        this.data = data;
        this.inference = inference;
        this.folder = Files.createDirectories(folder);
        this.gradients = gradients;
        this.classes = data.classNames().size();
        this.visits = new float[Math.multiplyExact(data.size(), classes)];
    }

    static Path probabilities(Path folder, int epoch) {
        return folder.resolve(String.format("probabilities-%04d.npy", epoch));
    }

    static Path features(Path folder, int epoch) {
        return folder.resolve(String.format("features-%04d.npy", epoch));
    }

    static Path visits(Path folder, int epoch) {
        return folder.resolve(String.format("visits-%04d.npy", epoch));
    }

    static Path gradients(Path folder, int epoch) {
        return folder.resolve(String.format("gradients-%04d.npy", epoch));
    }

    @Override
    public void prepare(PhaseClock clock) throws IOException {
        recorded.prepare(clock);
    }

    @Override
    public int sampleCount(int epoch) {
        return recorded.sampleCount(epoch);
    }

    @Override
    public int[] select(int epoch, Network network) throws IOException {
        if (epoch > 0) {
            record(epoch - 1, network);
        }
        return recorded.select(epoch, network);
    }

    /** Writes what is known after an epoch, with the weights at its end. */
    private void record(int epoch, Network network) throws IOException {
        int samples = data.size();
        int dimension = network.featureSize();
        float[] probabilities = new float[samples * classes];
        float[] features = new float[Math.multiplyExact(samples, dimension)];
        inference.forEachBatch(network, data, (first, batch, labels) -> {
            int size = (int) batch.size(0);
            TensorMemory.bytes(batch.contiguous()).asFloatBuffer().get(features, first * dimension, size * dimension);
            TensorMemory.bytes(network.classify(batch).softmax(1).contiguous())
                    .asFloatBuffer()
                    .get(probabilities, first * classes, size * classes);
        });
        NpyFile.write(probabilities(folder, epoch), Tensor.of(probabilities, samples, classes));
        NpyFile.write(features(folder, epoch), Tensor.of(features, samples, dimension));
        NpyFile.write(visits(folder, epoch), Tensor.of(visits, samples, classes));
        if (gradients) {
            MovingOneSampleOut.Products products = new SampleGradients(network, inference).products(data);
            double[] rows = new double[2 * samples];
            for (int i = 0; i < samples; i++) {
                rows[2 * i] = products.squares()[i];
                rows[2 * i + 1] = products.along()[i];
            }
            NpyFile.write(gradients(folder, epoch), Tensor.of(rows, samples, 2));
        }
    }

    @Override
    public void finish(int epoch, Network network) throws IOException {
        record(epoch, network);
    }

    @Override
    public long forwardVisits(int epoch) {
        return recorded.forwardVisits(epoch) + (epoch > 0 ? data.size() : 0);
    }

    @Override
    public AugmentPolicy augment(int epoch) {
        return recorded.augment(epoch);
    }

    @Override
    public Optional<float[]> weights(int epoch, int[] samples) {
        return recorded.weights(epoch, samples);
    }

    @Override
    public void observe(Observation step) {
        recorded.observe(step);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            int[] samples = step.samples();
            float[] rows = new float[samples.length * classes];
            TensorMemory.bytes(step.learned().logits().softmax(1).contiguous())
                    .asFloatBuffer()
                    .get(rows);
            for (int i = 0; i < samples.length; i++) {
                System.arraycopy(rows, i * classes, visits, samples[i] * classes, classes);
            }
        }
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(recorded.state());
        state.put(STATE, Tensor.of(visits, data.size(), classes));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        recorded.restore(state);
        Tensor found = state.get(STATE);
        if (found == null || found.count() != visits.length) {
            throw new IOException("checkpoint: tensor 'selection." + STATE + "' is " + found + ", allowed: float32 ["
                    + data.size() + "," + classes + "]");
        }
        System.arraycopy(found.toFloats(), 0, visits, 0, visits.length);
    }
}
