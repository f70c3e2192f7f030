package dev.quern.train;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.TensorMemory;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
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
    private final IntFunction<Outputs> forward;

    /** What a forward pass in training mode leaves in the batch norms. */
    public enum RunningStatistics {
        UPDATED,
        KEPT
    }

    /**
     * @param learned from the first view, without gradient
     * @param forward pass of a view in training mode
     */
    Observation(InputBatches batch, Outputs learned, FlatParameters parameters, IntFunction<Outputs> forward) {
        this.batch = batch;
        this.learned = learned;
        this.parameters = parameters;
        this.forward = forward;
    }

    /** Views of each sample; the network learns from the first. */
    public int views() {
        return batch.views();
    }

    public int epoch() {
        return batch.epoch();
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
            if (statistics == RunningStatistics.UPDATED
                    || parameters.batchCounts().numel() == 0) {
                return forward.apply(view);
            }
            ByteBuffer running = TensorMemory.bytes(parameters.runningStatistics());
            ByteBuffer counts = TensorMemory.bytes(parameters.batchCounts());
            byte[] runningBefore = copy(running);
            byte[] countsBefore = copy(counts);
            Outputs outputs = forward.apply(view);
            running.put(0, runningBefore);
            counts.put(0, countsBefore);
            return outputs;
        }
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(0, copy);
        return copy;
    }
}
