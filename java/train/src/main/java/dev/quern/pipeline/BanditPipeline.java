package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.io.Tensor;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.select.LossBandit;
import dev.quern.train.CrossEntropy;
import dev.quern.train.Curriculum;
import dev.quern.train.Observation;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/** Selection by the losses of the samples' augmented views, without label smoothing. */
final class BanditPipeline implements Curriculum {
    private static final String STATE = "bandit";

    private final EpochRules rules;
    private final LossBandit bandit;

    BanditPipeline(EpochRules rules, LossBandit bandit) {
        this.rules = rules;
        this.bandit = bandit;
    }

    @Override
    public int[] select(int epoch, Network network) {
        return rules.annealing().covers(epoch) ? rules.all() : bandit.select(epoch);
    }

    @Override
    public int sampleCount(int epoch) {
        return rules.annealing().covers(epoch) ? rules.samples() : bandit.count(epoch);
    }

    @Override
    public AugmentPolicy augment(int epoch) {
        return rules.augment(epoch);
    }

    @Override
    public void observe(Observation step) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            float[] losses = new float[step.samples().length];
            TensorMemory.bytes(CrossEntropy.ofSamples(step.learned().logits(), step.labels()))
                    .asFloatBuffer()
                    .get(losses);
            bandit.observe(step.samples(), losses);
        }
    }

    @Override
    public Map<String, Tensor> state() {
        double[] state = bandit.state();
        return Map.of(STATE, Tensor.of(state, state.length));
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        Tensor found = state.get(STATE);
        if (found == null || found.count() != 3L * rules.samples()) {
            throw new IOException("checkpoint: tensor 'selection." + STATE + "' is " + found + ", allowed: float64 ["
                    + 3L * rules.samples() + "]");
        }
        bandit.restore(found.toDoubles());
    }
}
