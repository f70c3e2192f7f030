package dev.quern.train.optimizer;

import dev.quern.nn.FlatParameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Stochastic gradient descent with Nesterov momentum (Sutskever et al. 2013) and weight decay, in the form of PyTorch's {@code SGD}:
 * d = g + wd·w; v ← m·v + d; w ← w − lr·(d + m·v).
 */
public final class Sgd implements AutoCloseable {
    private final FlatParameters parameters;
    private final double weightDecay;
    private final long trunk;
    private final double trunkRate;
    private final Tensor momentum;

    /**
     * @param weightDecay ≥ 0, on every weight
     */
    public Sgd(FlatParameters parameters, double weightDecay) {
        this(parameters, weightDecay, 0, 1);
    }

    /**
     * @param trunk how many of the first weights learn at a rate of their own
     * @param trunkRate share of the learning rate that this is, in [0, 1]
     */
    public Sgd(FlatParameters parameters, double weightDecay, long trunk, double trunkRate) {
        this.parameters = parameters;
        this.weightDecay = weightDecay;
        this.trunk = trunk;
        this.trunkRate = trunkRate;
        try (PointerScope scope = new PointerScope()) {
            momentum = torch.zeros_like(parameters.values()).retainReference();
        }
    }

    /**
     * Moves the weights against their gradients; what is left in the gradients is no longer of use.
     *
     * @param momentum share of the last velocity kept, in [0, 1)
     */
    public void step(double learningRate, double momentum) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor weights = parameters.values();
            Tensor direction = parameters.gradients().add_(weights, new Scalar(weightDecay));
            Scalar kept = new Scalar(momentum);
            torch.add_out(this.momentum, direction, this.momentum, kept);
            direction.add_(this.momentum, kept);
            if (trunkRate != 1) {
                direction.narrow(0, 0, trunk).mul_(new Scalar(trunkRate));
            }
            weights.add_(direction, new Scalar(-learningRate));
        }
    }

    /** The velocity of every weight, float32, in the order of {@link FlatParameters#values()}; what a checkpoint keeps. */
    public Tensor momentum() {
        return momentum;
    }

    @Override
    public void close() {
        momentum.close();
    }
}
