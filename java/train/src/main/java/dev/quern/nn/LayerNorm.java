package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer normalisation of the last dimension (Ba et al. 2016). */
public final class LayerNorm implements Layer {
    private final long width;
    private final double epsilon;
    private final Parameter weight;
    private final Parameter bias;

    /** Declares its weights under a name. */
    public LayerNorm(FlatParameters parameters, String name, long width, double epsilon) {
        this.width = width;
        this.epsilon = epsilon;
        weight = parameters.declare(name + ".weight", InitialValue.ONE, width);
        bias = parameters.declare(name + ".bias", InitialValue.ZERO, width);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return torch.layer_norm(
                x,
                new long[] {width},
                new TensorOptional(weight.value()),
                new TensorOptional(bias.value()),
                epsilon,
                true);
    }
}
