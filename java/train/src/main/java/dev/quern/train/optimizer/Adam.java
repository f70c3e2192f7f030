package dev.quern.train.optimizer;

import dev.quern.nn.FlatParameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (Kingma and Ba 2015) with β = (0.9, 0.999) and weight decay added to the gradient, in the form of PyTorch's {@code Adam}:
 * g ← g + wd·w; m, v ← moving means of g, g²; w ← w − lr·m̂ / (√v̂ + ε).
 */
public final class Adam implements AutoCloseable {
    private static final double MEAN_DECAY = 0.9;
    private static final double SQUARE_DECAY = 0.999;

    private final FlatParameters parameters;
    private final double weightDecay;
    private final double epsilon;
    private final Tensor mean;
    private final Tensor square;
    private long steps;

    /**
     * @param weightDecay ≥ 0, on every weight
     * @param epsilon &gt; 0
     */
    public Adam(FlatParameters parameters, double weightDecay, double epsilon) {
        this.parameters = parameters;
        this.weightDecay = weightDecay;
        this.epsilon = epsilon;
        try (PointerScope scope = new PointerScope()) {
            mean = torch.zeros_like(parameters.values()).retainReference();
            square = torch.zeros_like(parameters.values()).retainReference();
        }
    }

    /** Moves the weights against their gradients. */
    public void step(double learningRate) {
        steps++;
        double meanCorrection = 1 - StrictMath.pow(MEAN_DECAY, steps);
        double squareCorrection = 1 - StrictMath.pow(SQUARE_DECAY, steps);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor weights = parameters.values();
            Tensor gradient = torch.add(parameters.gradients(), weights, new Scalar(weightDecay));
            mean.lerp_(gradient, new Scalar(1 - MEAN_DECAY));
            square.mul_(new Scalar(SQUARE_DECAY)).addcmul_(gradient, gradient, new Scalar(1 - SQUARE_DECAY));
            Tensor deviation =
                    square.sqrt().div_(new Scalar(Math.sqrt(squareCorrection))).add_(new Scalar(epsilon));
            weights.addcdiv_(mean, deviation, new Scalar(-learningRate / meanCorrection));
        }
    }

    /** Moving mean of every gradient, float32, in the order of {@link FlatParameters#values()}. */
    public Tensor mean() {
        return mean;
    }

    /** Moving mean of every squared gradient. */
    public Tensor square() {
        return square;
    }

    /** Steps taken. */
    public long steps() {
        return steps;
    }

    /** Continues after {@code steps} steps, whose moving means the caller has restored. */
    public void steps(long steps) {
        this.steps = steps;
    }

    @Override
    public void close() {
        mean.close();
        square.close();
    }
}
