package dev.quern.adaptive.ada;

import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.ActorCritic;
import dev.quern.nn.adaptive.ActorCritic.BetaParameters;
import dev.quern.train.optimizer.Adam;
import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One-step advantage actor–critic (Mnih et al. 2016) as AdaAugment uses it: y = r + 0.99·V(s'), A = y − V(s); the actor ascends
 * Σ ln π(a|s)·A and the critic descends mean (y − V(s))², each with an Adam of its own; no entropy bonus, no clipping.
 */
public final class AdvantageActorCritic implements AutoCloseable {
    /** Weight of the next state's value. */
    public static final double DISCOUNT = 0.99;

    private static final double LEARNING_RATE = 3e-4;
    private static final double WEIGHT_DECAY = 5e-4;
    private static final double EPSILON = 1e-5;
    private static final double DECAY = 0.99;

    private final ActorCritic networks;
    private final Adam actorOptimizer;
    private final Adam criticOptimizer;
    private final int epochs;

    /**
     * What happened to B samples.
     *
     * @param states float32 [B,D] before
     * @param actions float32 [B] in (0, 1)
     * @param rewards float32 [B]
     * @param nextStates float32 [B,D] after
     */
    public record Transitions(Tensor states, Tensor actions, Tensor rewards, Tensor nextStates) {}

    /** The losses of an update, before it. */
    public record Losses(double actor, double critic) {}

    /**
     * @param networks closed with this
     * @param epochs of the run, ≥ 1
     */
    public AdvantageActorCritic(ActorCritic networks, int epochs) {
        this.networks = networks;
        this.epochs = epochs;
        actorOptimizer = new Adam(networks.actor(), WEIGHT_DECAY, EPSILON);
        criticOptimizer = new Adam(networks.critic(), WEIGHT_DECAY, EPSILON);
    }

    /** The learning rate of an epoch, counted from 0: 3e-4 in the first two, then linearly down towards 3e-6 after the last. */
    public static double learningRate(int epoch, int epochs) {
        return epoch == 0 ? LEARNING_RATE : LEARNING_RATE * (1 - DECAY * (epoch - 1) / (epochs - 1));
    }

    /**
     * Draws an action for each state.
     *
     * @param states float32 [B,D]
     * @param samples [B] that the states belong to: with seed and epoch they key the draws
     * @return [B] in [1e-6, 1 − 1e-6]
     */
    public float[] act(Tensor states, long seed, int epoch, int[] samples) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            BetaParameters policy = networks.policy(states);
            FloatBuffer alpha = TensorMemory.bytes(policy.alpha().contiguous()).asFloatBuffer();
            FloatBuffer beta = TensorMemory.bytes(policy.beta().contiguous()).asFloatBuffer();
            float[] actions = new float[samples.length];
            for (int i = 0; i < actions.length; i++) {
                actions[i] = BetaDistribution.draw(alpha.get(i), beta.get(i), seed, epoch, samples[i]);
            }
            return actions;
        }
    }

    /** Learns from transitions in an epoch counted from 0. */
    public Losses update(Transitions t, int epoch) {
        try (PointerScope scope = new PointerScope()) {
            networks.actor().zeroGradients();
            networks.critic().zeroGradients();
            Tensor values = networks.value(t.states());
            Tensor targets = targets(t);
            Tensor advantages = targets.sub(values.detach());
            BetaParameters policy = networks.policy(t.states());
            Tensor actorLoss = BetaDistribution.logDensity(policy.alpha(), policy.beta(), t.actions())
                    .mul(advantages)
                    .sum()
                    .neg();
            Tensor criticLoss = torch.mse_loss(values, targets);
            actorLoss.backward();
            criticLoss.backward();
            double rate = learningRate(epoch, epochs);
            actorOptimizer.step(rate);
            criticOptimizer.step(rate);
            return new Losses(actorLoss.item_double(), criticLoss.item_double());
        }
    }

    private Tensor targets(Transitions t) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return t.rewards().add(networks.value(t.nextStates()), new Scalar(DISCOUNT));
        }
    }

    /** Flat tensors that a checkpoint keeps: weights and moving means of actor and critic. */
    public List<Tensor> state() {
        return List.of(
                networks.actor().values(),
                actorOptimizer.mean(),
                actorOptimizer.square(),
                networks.critic().values(),
                criticOptimizer.mean(),
                criticOptimizer.square());
    }

    /** Updates so far. */
    public long updates() {
        return actorOptimizer.steps();
    }

    /** Continues after {@code updates} updates, whose {@link #state()} the caller has restored. */
    public void updates(long updates) {
        actorOptimizer.steps(updates);
        criticOptimizer.steps(updates);
    }

    @Override
    public void close() {
        networks.close();
        actorOptimizer.close();
        criticOptimizer.close();
    }
}
