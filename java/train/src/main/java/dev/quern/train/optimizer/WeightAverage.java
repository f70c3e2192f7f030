package dev.quern.train.optimizer;

import dev.quern.nn.FlatParameters;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An exponential moving average of weights and running statistics (Polyak and Juditsky 1992), with the early steps averaged over fewer:
 * the decay of step t is min(decay, (1+t)/(10+t)).
 */
public final class WeightAverage implements AutoCloseable {
    private final FlatParameters parameters;
    private final double decay;
    private final Tensor values;
    private final Tensor statistics;

    /**
     * Starts at the present weights.
     *
     * @param decay in (0, 1)
     */
    public WeightAverage(FlatParameters parameters, double decay) {
        this.parameters = parameters;
        this.decay = decay;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            values = parameters.values().clone().retainReference();
            statistics = parameters.runningStatistics().clone().retainReference();
        }
    }

    /** Takes in the weights after step {@code step}, counted from 0. */
    public void update(long step) {
        double weight = 1 - Math.min(decay, (1.0 + step) / (10.0 + step));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            values.lerp_(parameters.values(), new Scalar(weight));
            statistics.lerp_(parameters.runningStatistics(), new Scalar(weight));
        }
    }

    /** Exchanges the network's weights with the average; a second call changes them back. */
    public void swap() {
        swap(parameters.values(), values);
        swap(parameters.runningStatistics(), statistics);
    }

    private static void swap(Tensor a, Tensor b) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor kept = a.clone();
            a.copy_(b);
            b.copy_(kept);
        }
    }

    /** The averaged weights and running statistics; what a checkpoint keeps. */
    public List<Tensor> state() {
        return List.of(values, statistics);
    }

    @Override
    public void close() {
        values.close();
        statistics.close();
    }
}
