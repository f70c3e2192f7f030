package dev.quern.baseline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.select.sampling.LossSelection;
import dev.quern.setting.EpochRules;
import dev.quern.train.Curriculum;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Observation;
import dev.quern.train.optimizer.CrossEntropy;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Selection by the losses of the samples as they were trained on. */
public final class LossPipeline implements Curriculum {
    private static final String STATE = "losses";

    private final EpochRules rules;
    private final CrossEntropy loss;
    private final LossSelection selection;
    private final ImageDataset data;
    private final Inference inference;
    private final long seed;
    private int lookedAt;

    /** A selection with the run's rules. */
    public LossPipeline(
            EpochRules rules,
            LossSelection selection,
            CrossEntropy loss,
            ImageDataset data,
            Inference inference,
            long seed) {
        this.rules = rules;
        this.loss = loss;
        this.selection = selection;
        this.data = data;
        this.inference = inference;
        this.seed = seed;
    }

    @Override
    public int[] select(int epoch, Network network) throws IOException {
        lookedAt = 0;
        if (rules.annealing().covers(epoch)) {
            return rules.all();
        }
        int[] unobserved = selection.unobserved();
        if (unobserved.length > 0) {
            lookAt(unobserved, epoch - 1, network);
        }
        return selection.select(epoch);
    }

    /** Observes what the network makes of samples as the epoch would have shown them to it, by a forward pass in evaluation mode. */
    private void lookAt(int[] samples, int epoch, Network network) throws IOException {
        float[] losses = new float[samples.length];
        InputBatches.Pass pass = new InputBatches.Pass(samples, List.of(rules.augment(epoch)), seed, epoch);
        inference.forEachBatch(network, data, pass, (first, features, labels) -> {
            FloatBuffer batch = losses(network.classify(features), labels);
            batch.get(losses, first, batch.remaining());
        });
        selection.observe(samples, losses);
        lookedAt = samples.length;
    }

    @Override
    public long forwardVisits(int epoch) {
        return lookedAt;
    }

    @Override
    public int sampleCount(int epoch) {
        return rules.annealing().covers(epoch) ? rules.samples() : selection.count(epoch);
    }

    @Override
    public AugmentPolicy augment(int epoch) {
        return rules.augment(epoch);
    }

    @Override
    public Optional<float[]> weights(int epoch, int[] samples) {
        if (rules.annealing().covers(epoch) || !selection.weighs()) {
            return Optional.empty();
        }
        float[] weights = new float[samples.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) selection.weight(samples[i]);
        }
        return Optional.of(weights);
    }

    @Override
    public void observe(Observation step) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            float[] losses = new float[step.samples().length];
            losses(step.learned().logits(), step.labels()).get(losses);
            selection.observe(step.samples(), losses);
        }
    }

    private FloatBuffer losses(Tensor logits, Tensor labels) {
        return TensorMemory.bytes(loss.losses(logits, labels)).asFloatBuffer();
    }

    @Override
    public Map<String, dev.quern.io.Tensor> state() {
        double[] state = selection.state();
        return Map.of(STATE, dev.quern.io.Tensor.of(state, state.length));
    }

    @Override
    public void restore(Map<String, dev.quern.io.Tensor> state) throws IOException {
        dev.quern.io.Tensor found = state.get(STATE);
        long wanted = selection.state().length;
        if (found == null || found.count() != wanted) {
            throw new IOException(
                    "checkpoint: tensor 'selection." + STATE + "' is " + found + ", allowed: float64 [" + wanted + "]");
        }
        try {
            selection.restore(found.toDoubles());
        } catch (IllegalArgumentException wrong) {
            throw new IOException("checkpoint: tensor 'selection." + STATE + "': " + wrong.getMessage(), wrong);
        }
    }
}
