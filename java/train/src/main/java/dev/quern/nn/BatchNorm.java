package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Batch normalisation over channels (Ioffe and Szegedy 2015) with PyTorch's momentum 0.1 and epsilon 1e-5. */
public final class BatchNorm implements Layer, AutoCloseable {
    private static final double MOMENTUM = 0.1;
    private static final double EPSILON = 1e-5;

    private final long channels;
    private final Parameter weight;
    private final Parameter bias;
    private TensorOptional mean;
    private TensorOptional variance;

    /** Declares its weights and statistics under a name. */
    public BatchNorm(FlatParameters parameters, String name, long channels) {
        this.channels = channels;
        weight = parameters.declare(name + ".weight", InitialValue.ONE, channels);
        bias = parameters.declare(name + ".bias", InitialValue.ZERO, channels);
        parameters.declare(name, this);
    }

    long channels() {
        return channels;
    }

    void bind(Tensor runningMean, Tensor runningVariance) {
        mean = new TensorOptional(runningMean).retainReference();
        variance = new TensorOptional(runningVariance).retainReference();
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return torch.batch_norm(
                x,
                new TensorOptional(weight.value()),
                new TensorOptional(bias.value()),
                mean,
                variance,
                pass.mode() == Mode.TRAIN,
                MOMENTUM,
                EPSILON,
                false);
    }

    @Override
    public void close() {
        mean.close();
        variance.close();
    }
}
