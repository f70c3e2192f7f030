package dev.quern.nn.model;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.Layer;
import dev.quern.nn.Pass;
import dev.quern.nn.Sequence;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The blocks of He et al. (2016): convolutions with batch norm around a shortcut, rectified after each but the last and after the sum. */
final class ResidualBlock implements Layer {
    enum Kind {
        /** Two 3×3 convolutions. */
        BASIC(1, 3, 3),
        /** A 1×1, a 3×3 that carries the stride, and a 1×1 convolution to four times the width. */
        BOTTLENECK(4, 1, 3, 1);

        final int expansion;
        private final int[] kernels;

        Kind(int expansion, int... kernels) {
            this.expansion = expansion;
            this.kernels = kernels;
        }
    }

    /** What carries the input past a block that changes its shape. */
    enum Shortcut {
        /** Every second pixel, new channels zero (option A): no parameters. */
        PAD,
        /** A strided 1×1 convolution with batch norm (option B). */
        PROJECTION
    }

    private final Convolution[] convolutions;
    private final BatchNorm[] norms;
    private final Layer projection;
    private final long stride;
    private final long extraChannels;

    ResidualBlock(
            FlatParameters parameters, String name, Kind kind, Shortcut shortcut, long in, long width, long stride) {
        int count = kind.kernels.length;
        long out = width * kind.expansion;
        this.stride = stride;
        this.extraChannels = out - in;
        convolutions = new Convolution[count];
        norms = new BatchNorm[count];
        boolean strideIsDue = true;
        long from = in;
        for (int i = 0; i < count; i++) {
            boolean strided = strideIsDue && kind.kernels[i] == 3;
            strideIsDue &= !strided;
            long to = i == count - 1 ? out : width;
            convolutions[i] = new Convolution(
                    parameters, name + ".conv" + (i + 1), from, to, kind.kernels[i], strided ? stride : 1);
            norms[i] = new BatchNorm(parameters, name + ".bn" + (i + 1), to);
            from = to;
        }
        boolean project = shortcut == Shortcut.PROJECTION && (stride != 1 || in != out);
        projection = project ? projection(parameters, name + ".downsample", in, out, stride) : null;
    }

    private static Layer projection(FlatParameters parameters, String name, long in, long out, long stride) {
        return Sequence.of(
                new Convolution(parameters, name + ".0", in, out, 1, stride),
                new BatchNorm(parameters, name + ".1", out));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = x;
        for (int i = 0; i < norms.length; i++) {
            y = norms[i].forward(convolutions[i].forward(y, pass), pass);
            if (i < norms.length - 1) {
                y = y.relu_();
            }
        }
        return y.add_(shortcut(x, pass)).relu_();
    }

    private Tensor shortcut(Tensor x, Pass pass) {
        if (projection != null) {
            return projection.forward(x, pass);
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
