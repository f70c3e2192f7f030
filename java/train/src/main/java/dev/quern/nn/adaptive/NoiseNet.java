package dev.quern.nn.adaptive;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Perceptrons with leaky rectifiers and dropout whose output starts at 0: they turn the context of an image into parameters of a map. */
final class NoiseNet {
    private static final double LEAK = 0.2;

    private NoiseNet() {}

    /** Two hidden layers for vectors [B,in]; {@code slot} and the next one are its dropout's. */
    static Layer of(FlatParameters parameters, String name, int in, int hidden, int out, double dropout, int slot) {
        Layer first = hidden(parameters, name + ".0.", in, hidden);
        Layer second = hidden(parameters, name + ".1.", hidden, hidden);
        Layer last = output(parameters, name + ".2.", hidden, out);
        return (x, pass) -> {
            Tensor a = leaky(first.forward(x, pass));
            Tensor b = leaky(second.forward(pass.drop(a, dropout, slot, a.size(0), hidden), pass));
            return last.forward(pass.drop(b, dropout, slot + 1, b.size(0), hidden), pass);
        };
    }

    /** Keeps the variance of a rectified signal. */
    static Layer hidden(FlatParameters parameters, String prefix, int in, int out) {
        return new Linear(parameters, prefix, in, out, InitialValue.kaimingNormal(in), InitialValue.ZERO);
    }

    static Layer output(FlatParameters parameters, String prefix, int in, int out) {
        return new Linear(parameters, prefix, in, out, InitialValue.ZERO, InitialValue.ZERO);
    }

    static Tensor leaky(Tensor x) {
        return torch.leaky_relu(x, new Scalar(LEAK));
    }
}
