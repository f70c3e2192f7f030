package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A square 2-D convolution without bias. */
final class Convolution {
    private static final long[] NO_DILATION = {1, 1};

    private final Parameter weight;
    private final long[] stride;
    private final long[] padding;

    Convolution(FlatParameters parameters, String name, long in, long out, long kernel, long stride) {
        weight = parameters.declare(
                name + ".weight", Parameter.Role.CONVOLUTION, in * kernel * kernel, out, in, kernel, kernel);
        this.stride = new long[] {stride, stride};
        this.padding = new long[] {kernel / 2, kernel / 2};
    }

    Tensor forward(Tensor x) {
        return torch.conv2d(x, weight.value(), new TensorOptional(), stride, padding, NO_DILATION, 1);
    }
}
