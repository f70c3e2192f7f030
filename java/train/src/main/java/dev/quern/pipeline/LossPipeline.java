package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.io.Tensor;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.select.LossSelection;
import dev.quern.train.CrossEntropy;
import dev.quern.train.Curriculum;
import dev.quern.train.Observation;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/** Selection by the losses of the samples as they were trained on. */
final class LossPipeline implements Curriculum {
    private static final String STATE = "losses";

    private final EpochRules rules;
    private final CrossEntropy loss;
    private final LossSelection selection;

    LossPipeline(EpochRules rules, LossSelection selection, CrossEntropy loss) {
        this.rules = rules;
        this.loss = loss;
        this.selection = selection;
    }

    @Override
    public int[] select(int epoch, Network network) {
        return rules.annealing().covers(epoch) ? rules.all() : selection.select(epoch);
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
            TensorMemory.bytes(loss.losses(step.learned().logits(), step.labels()))
                    .asFloatBuffer()
                    .get(losses);
            selection.observe(step.samples(), losses);
        }
    }

    @Override
    public Map<String, Tensor> state() {
        double[] state = selection.state();
        return Map.of(STATE, Tensor.of(state, state.length));
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        Tensor found = state.get(STATE);
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
