package dev.quern.nn;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A square 2-D convolution. Its input reaches LibTorch in channels-last order, whatever order it comes in: oneDNN is fastest there, and on
 * processors that hide their caches its gradients in the other order are wrong.
 */
public final class Convolution implements Layer {
    private static final long[] NO_DILATION = {1, 1};

    private final Parameter weight;
    private final Parameter bias;
    private final long stride;
    private final long padding;

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
        this.stride = stride;
        this.padding = kernel / 2;
    }

    /** Maps square patches of an RGB image that do not overlap, with bias. */
    public Convolution(FlatParameters parameters, String name, long out, long patch) {
        InitialValue start = InitialValue.normal(Math.sqrt(1.0 / (3 * patch * patch)));
        weight = parameters.declare(name + ".weight", start, out, 3, patch, patch);
        bias = parameters.declare(name + ".bias", InitialValue.ZERO, out);
        stride = patch;
        padding = 0;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor ordered = channelsLast(x);
        pass.work().convolution(ordered, weight.value(), stride);
        TensorOptional offset = bias == null ? new TensorOptional() : new TensorOptional(bias.value());
        Tensor y = convolve(ordered, weight.value(), offset, stride, padding);
        return pass.counted(y, weight.size() / y.size(1));
    }

    /**
     * Convolves, by {@link Pointwise#chosen()} where the kernel is one pixel.
     *
     * @param x [B,C,H,W] in any order
     * @param weight [D,C,K,K]
     * @param bias [D] or none
     * @return [B,D,H',W'] in channels-last order
     */
    public static Tensor convolve(Tensor x, Tensor weight, TensorOptional bias, long stride, long padding) {
        Tensor ordered = channelsLast(x);
        boolean pointwise = weight.size(2) == 1 && padding == 0;
        if (pointwise && x.is_cpu() && Pointwise.chosen() == Pointwise.LINEAR) {
            return linear(ordered, weight, bias, stride);
        }
        long[] strides = {stride, stride};
        return torch.conv2d(ordered, weight, bias, strides, new long[] {padding, padding}, NO_DILATION, 1);
    }

    private static Tensor linear(Tensor x, Tensor weight, TensorOptional bias, long stride) {
        LongOptional all = new LongOptional();
        Tensor seen = stride == 1 ? x : torch.slice(torch.slice(x, 2, all, all, stride), 3, all, all, stride);
        long in = weight.size(1);
        long out = weight.size(0);
        Tensor rows = seen.permute(0, 2, 3, 1).reshape(seen.size(0) * seen.size(2) * seen.size(3), in);
        return torch.linear(rows, weight.reshape(out, in), bias)
                .view(seen.size(0), seen.size(2), seen.size(3), out)
                .permute(0, 3, 1, 2);
    }

    /** The same numbers in channels-last order, also where LibTorch cannot tell the orders apart and takes the other: images of one pixel. */
    private static Tensor channelsLast(Tensor x) {
        Tensor ordered = x.contiguous(MemoryFormat.ChannelsLast);
        if (ordered.suggest_memory_format().intern() == MemoryFormat.ChannelsLast) {
            return ordered;
        }
        return ordered.reshape(x.size(0), x.size(2), x.size(3), x.size(1)).permute(0, 3, 1, 2);
    }
}
