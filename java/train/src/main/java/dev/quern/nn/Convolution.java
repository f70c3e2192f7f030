package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A square 2-D convolution. */
public final class Convolution implements Layer {
    private static final long[] NO_DILATION = {1, 1};

    private final Parameter weight;
    private final Parameter bias;
    private final long[] stride;
    private final long[] padding;

    /** Whether there is one. */
    public enum Bias {
        NONE,
        LEARNED
    }

    /** Padded to keep the size at stride 1; no bias. */
    public Convolution(FlatParameters parameters, String name, long in, long out, long kernel, long stride) {
        this(parameters, name, in, out, kernel, stride, Bias.NONE);
    }

    /** Padded to keep the size at stride 1. */
    public Convolution(FlatParameters parameters, String name, long in, long out, long kernel, long stride, Bias bias) {
        InitialValue start = InitialValue.kaimingNormal(out * kernel * kernel);
        this.weight = parameters.declare(name + ".weight", start, out, in, kernel, kernel);
        this.bias = bias == Bias.LEARNED ? parameters.declare(name + ".bias", InitialValue.ZERO, out) : null;
        this.stride = new long[] {stride, stride};
        this.padding = new long[] {kernel / 2, kernel / 2};
    }

    /** Maps square patches of an RGB image that do not overlap, with bias. */
    public Convolution(FlatParameters parameters, String name, long out, long patch) {
        InitialValue start = InitialValue.normal(Math.sqrt(1.0 / (3 * patch * patch)));
        weight = parameters.declare(name + ".weight", start, out, 3, patch, patch);
        bias = parameters.declare(name + ".bias", InitialValue.ZERO, out);
        stride = new long[] {patch, patch};
        padding = new long[] {0, 0};
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        TensorOptional offset = bias == null ? new TensorOptional() : new TensorOptional(bias.value());
        Tensor y = torch.conv2d(x, weight.value(), offset, stride, padding, NO_DILATION, 1);
        return pass.counted(y, weight.size() / y.size(1));
    }
}
