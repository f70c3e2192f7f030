package dev.quern.nn.adaptive;

import dev.quern.kernels.Device;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.Initialization;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A policy and a value of feature vectors: the actor gives a Beta distribution over actions in (0, 1), the critic the value of a state
 * (AdaAugment, Yang et al. 2024). Both are small perceptrons with rectified hidden layers.
 */
public final class ActorCritic implements AutoCloseable {
    /** Nothing here depends on it. */
    private static final Pass PASS = new Pass(Mode.TRAIN, 0, 0);

    private final int stateSize;
    private final FlatParameters actor = new FlatParameters();
    private final FlatParameters critic = new FlatParameters();
    private final Layer actorLayers;
    private final Layer criticLayers;

    /** Widths of the hidden layers. */
    public enum Size {
        /** Of the released code and of the published overheads: actor 128, 64; critic 128, 128. */
        RELEASED(new int[] {128, 64}, new int[] {128, 128}),
        /** Of the thesis' table: 512, 256 in both. */
        SLIDE(new int[] {512, 256}, new int[] {512, 256});

        private final int[] actor;
        private final int[] critic;

        Size(int[] actor, int[] critic) {
            this.actor = actor;
            this.critic = critic;
        }
    }

    /**
     * Two distribution parameters per state.
     *
     * @param alpha float32 [B], above 1
     * @param beta float32 [B], above 1: densities have one maximum
     */
    public record BetaParameters(Tensor alpha, Tensor beta) {}

    /**
     * Weights as {@link Initialization} draws them.
     *
     * @param stateSize length of a feature vector, ≥ 1
     */
    public ActorCritic(int stateSize, Size size, long seed) {
        if (stateSize < 1) {
            throw new IllegalArgumentException("stateSize is " + stateSize + ", allowed: ≥ 1");
        }
        this.stateSize = stateSize;
        actorLayers = perceptron(actor, "actor", size.actor, 2);
        criticLayers = perceptron(critic, "critic", size.critic, 1);
        Initialization.apply(actor, seed);
        Initialization.apply(critic, seed);
    }

    private Layer perceptron(FlatParameters parameters, String name, int[] hidden, int outputs) {
        List<Layer> layers = new ArrayList<>();
        int in = stateSize;
        for (int i = 0; i < hidden.length; i++) {
            layers.add(new Linear(parameters, name + "." + i, in, hidden[i]));
            layers.add(Layer.RELU);
            in = hidden[i];
        }
        layers.add(new Linear(parameters, name + "." + hidden.length, in, outputs));
        parameters.allocate();
        return new Sequence(layers);
    }

    /** Moves the weights to a device, before optimisers are made. */
    public void to(Device device) {
        actor.to(device);
        critic.to(device);
    }

    /** Length of a state. */
    public int stateSize() {
        return stateSize;
    }

    /** The policy in states float32 [B,{@link #stateSize()}]. */
    public BetaParameters policy(Tensor states) {
        Tensor outputs = torch.softplus(actorLayers.forward(states, PASS)).add(new Scalar(1.0));
        return new BetaParameters(outputs.select(1, 0), outputs.select(1, 1));
    }

    /** The values float32 [B] of states float32 [B,{@link #stateSize()}]. */
    public Tensor value(Tensor states) {
        return criticLayers.forward(states, PASS).select(1, 0);
    }

    /** Weights of the policy. */
    public FlatParameters actor() {
        return actor;
    }

    /** Weights of the value. */
    public FlatParameters critic() {
        return critic;
    }

    @Override
    public void close() {
        actor.close();
        critic.close();
    }
}
