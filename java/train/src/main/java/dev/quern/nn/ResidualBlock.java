package dev.quern.nn;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The basic block of He et al. (2016): two 3×3 convolutions with batch norm around a shortcut. */
final class ResidualBlock {
    /** What carries the input past a block that changes its shape. */
    enum Shortcut {
        /** Every second pixel, new channels zero (option A): no parameters. */
        PAD,
        /** A strided 1×1 convolution with batch norm (option B). */
        PROJECTION
    }

    private final Convolution conv1;
    private final BatchNorm bn1;
    private final Convolution conv2;
    private final BatchNorm bn2;
    private final Convolution projection;
    private final BatchNorm projectionNorm;
    private final long stride;
    private final long extraChannels;

    ResidualBlock(FlatParameters parameters, String name, long in, long out, long stride, Shortcut shortcut) {
        this.stride = stride;
        this.extraChannels = out - in;
        conv1 = new Convolution(parameters, name + ".conv1", in, out, 3, stride);
        bn1 = new BatchNorm(parameters, name + ".bn1", out);
        conv2 = new Convolution(parameters, name + ".conv2", out, out, 3, 1);
        bn2 = new BatchNorm(parameters, name + ".bn2", out);
        boolean project = shortcut == Shortcut.PROJECTION && (stride != 1 || in != out);
        projection = project ? new Convolution(parameters, name + ".downsample.0", in, out, 1, stride) : null;
        projectionNorm = project ? new BatchNorm(parameters, name + ".downsample.1", out) : null;
    }

    Tensor forward(Tensor x, Mode mode) {
        Tensor y = bn1.forward(conv1.forward(x), mode).relu_();
        y = bn2.forward(conv2.forward(y), mode);
        return y.add_(shortcut(x, mode)).relu_();
    }

    private Tensor shortcut(Tensor x, Mode mode) {
        if (projection != null) {
            return projectionNorm.forward(projection.forward(x), mode);
        }
        if (stride == 1 && extraChannels == 0) {
            return x;
        }
        LongOptional whole = new LongOptional();
        Tensor rows = torch.slice(x, 2, whole, whole, stride);
        Tensor pixels = torch.slice(rows, 3, whole, whole, stride);
        return torch.constant_pad_nd(pixels, 0, 0, 0, 0, extraChannels / 2, extraChannels - extraChannels / 2);
    }
}
