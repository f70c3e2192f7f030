package dev.quern.train;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.TensorMemory;
import java.nio.ByteBuffer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A training step between its backward pass and the change of the weights: what the network makes of the views of a batch. Valid during the
 * call that receives it.
 */
public final class Observation {
    private final InputBatches batch;
    private final Outputs learned;
    private final FlatParameters parameters;
    private final Function<Tensor, Outputs> forward;
    private final Function<Tensor, Outputs> differentiable;
    private final double learningRate;

    /** What a forward pass in training mode leaves in the batch norms. */
    public enum RunningStatistics {
        UPDATED,
        KEPT
    }

    /**
     * @param learned from the first view, without gradient
     * @param forward pass of images in training mode
     * @param differentiable the same, in a precision in which gradients need no scale
     */
    Observation(
            InputBatches batch,
            Outputs learned,
            FlatParameters parameters,
            Function<Tensor, Outputs> forward,
            Function<Tensor, Outputs> differentiable,
            double learningRate) {
        this.batch = batch;
        this.learned = learned;
        this.parameters = parameters;
        this.forward = forward;
        this.differentiable = differentiable;
        this.learningRate = learningRate;
    }

    /** Views of each sample; the network learns from the first. */
    public int views() {
        return batch.views();
    }

    public int epoch() {
        return batch.epoch();
    }

    /** The learning rate of the step. */
    public double learningRate() {
        return learningRate;
    }

    /** Sample indices [B]. */
    public int[] samples() {
        return batch.samples();
    }

    /** Labels int64 [B]. */
    public Tensor labels() {
        return batch.labels();
    }

    /** Outputs of the view that is learned from. */
    public Outputs learned() {
        return learned;
    }

    /** Outputs of another view with the same weights and the statistics of its own batch. */
    public Outputs of(int view, RunningStatistics statistics) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor images = batch.images(view);
            return statistics == RunningStatistics.UPDATED
                    ? forward.apply(images)
                    : keeping(() -> forward.apply(images));
        }
    }

    /**
     * Outputs of any images with the same weights, to be differentiated. A step in float16 computes them in float32.
     *
     * @param images normalised [B,3,H,W], in the precision of the step or float32
     */
    public Outputs forward(Tensor images) {
        return differentiable.apply(images);
    }

    /** Runs {@code work}, whose passes in training mode leave the running statistics of the batch norms as they were. */
    public <T> T keeping(Supplier<T> work) {
        if (parameters.batchCounts().numel() == 0) {
            return work.get();
        }
        ByteBuffer running = TensorMemory.copied(parameters.runningStatistics());
        ByteBuffer counts = TensorMemory.copied(parameters.batchCounts());
        T result = work.get();
        TensorMemory.fill(parameters.runningStatistics(), running);
        TensorMemory.fill(parameters.batchCounts(), counts);
        return result;
    }
}
