package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** An affine map of the last dimension. */
public final class Linear implements Layer {
    private final Parameter weight;
    private final Parameter bias;

    /** Starts as PyTorch's: weight and bias uniform in ±1/√in. */
    public Linear(FlatParameters parameters, String name, long in, long out) {
        this(parameters, name + ".", in, out, InitialValue.uniform(in), InitialValue.uniform(in));
    }

    /** @param prefix of the names {@code weight} and {@code bias} */
    public Linear(FlatParameters parameters, String prefix, long in, long out, InitialValue weight, InitialValue bias) {
        this.weight = parameters.declare(prefix + "weight", weight, out, in);
        this.bias = parameters.declare(prefix + "bias", bias, out);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = torch.linear(x, weight.value(), new TensorOptional(bias.value()));
        return pass.counted(y, x.size(-1));
    }
}
