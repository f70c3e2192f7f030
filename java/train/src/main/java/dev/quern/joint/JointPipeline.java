package dev.quern.joint;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.io.Tensor;
import dev.quern.kernels.DType;
import dev.quern.kernels.KnnDensity;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.Network;
import dev.quern.select.GumbelTopK;
import dev.quern.select.sampling.DensityConsistency;
import dev.quern.setting.EpochRules;
import dev.quern.train.Curriculum;
import dev.quern.train.Inference;
import dev.quern.train.TrainListener;
import dev.quern.train.record.Phase;
import dev.quern.train.record.PhaseClock;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Selection joined with augmentation: every epoch draws its samples from the joint distribution of local density (of the features that the
 * network has now) and image–text consistency, augments them, and trains on them; the last epochs see everything.
 *
 * <pre>
 * con ← cos(image_i, text of label_i) for all samples
 * for each epoch e:
 *   if annealing: S ← all samples, weakly augmented
 *   else:
 *     if e = 1, 1 + R, 1 + 2R, …: ρ ← mean distance of each sample's features to its k nearest neighbours
 *     S ← m samples without replacement, weight map(ρ)·map(con) (uniform in epoch 0), augmented
 *   train on S
 * </pre>
 */
public final class JointPipeline implements Curriculum {
    private final EpochRules rules;
    private final JointConfig config;
    private final ImageDataset data;
    private final Inference inference;
    private final ConsistencySource consistencySource;
    private final DensityConsistency selection;
    private float[] consistency;
    private float[] density;

    JointPipeline(
            EpochRules rules,
            JointConfig config,
            ImageDataset data,
            Inference inference,
            ConsistencySource consistencySource,
            DensityConsistency selection) {
        this.rules = rules;
        this.config = config;
        this.data = data;
        this.inference = inference;
        this.consistencySource = consistencySource;
        this.selection = selection;
    }

    /**
     * With its source of consistency and its draws.
     *
     * @param ratio of the samples that an epoch draws
     */
    public static JointPipeline open(
            EpochRules rules,
            JointConfig config,
            double ratio,
            ImageDataset data,
            Inference inference,
            long seed,
            TrainListener listener) {
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        GumbelTopK sampler = new GumbelTopK(config.draw(), config.quota(), seed);
        return new JointPipeline(
                rules,
                config,
                data,
                inference,
                source(config.consistency(), data, inference, seed, listener),
                new DensityConsistency(labels, ratio, config.map(), sampler));
    }

    private static ConsistencySource source(
            ConsistencyConfig source, ImageDataset data, Inference inference, long seed, TrainListener listener) {
        if (source instanceof ConsistencyConfig.CrossFitted encoder) {
            return new CrossFittedEncoder(data, inference, encoder, seed, listener);
        }
        if (source instanceof ConsistencyConfig.Given files) {
            return new GivenEmbeddings(inference.engine(), data, files);
        }
        return () -> new float[data.size()];
    }

    @Override
    public void prepare(PhaseClock clock) throws IOException {
        consistency = clock.time(Phase.DUAL_ENCODER, consistencySource::consistency);
        selection.consistency(consistency);
    }

    @Override
    public int[] select(int epoch, Network network) throws IOException {
        if (rules.annealing().covers(epoch)) {
            return rules.all();
        }
        if (refreshes(epoch)) {
            density = density(network);
            selection.density(density);
        }
        return selection.select(epoch);
    }

    private float[] density(Network network) throws IOException {
        try (NativeBuffer features = inference.normalizedFeatures(network, data);
                NativeBuffer result = NativeBuffer.allocate(DType.FLOAT32, data.size())) {
            new KnnDensity(config.neighbors(), KnnDensity.ShortClass.REFUSE)
                    .search(inference.engine(), features, null, new KnnDensity.Result(result, null, null));
            return result.toFloats();
        }
    }

    private boolean refreshes(int epoch) {
        return epoch >= 1 && (epoch - 1) % config.refreshEpochs() == 0;
    }

    @Override
    public long forwardVisits(int epoch) {
        return !rules.annealing().covers(epoch) && refreshes(epoch) ? data.size() : 0;
    }

    @Override
    public int sampleCount(int epoch) {
        return rules.sampleCount(epoch);
    }

    @Override
    public AugmentPolicy augment(int epoch) {
        return rules.augment(epoch);
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new HashMap<>();
        state.put("consistency", Tensor.of(consistency, consistency.length));
        if (density != null) {
            state.put("density", Tensor.of(density, density.length));
        }
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        consistency = scores(state, "consistency");
        selection.consistency(consistency);
        if (state.containsKey("density")) {
            density = scores(state, "density");
            selection.density(density);
        }
    }

    private float[] scores(Map<String, Tensor> state, String name) throws IOException {
        Tensor scores = state.get(name);
        if (scores == null || scores.count() != data.size()) {
            throw new IOException(
                    "checkpoint: tensor 'selection." + name + "' is " + scores + ", allowed: F32[" + data.size() + "]");
        }
        return scores.toFloats();
    }
}
