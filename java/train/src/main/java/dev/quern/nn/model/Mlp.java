package dev.quern.nn.model;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Pass;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The two-layer perceptron of a transformer block with GELU between (Hendrycks and Gimpel 2016), named as in torchvision. */
record Mlp(Linear first, Linear second) implements Layer {

    /** @param bias where both biases start */
    static Mlp of(
            FlatParameters parameters, String name, int width, int hidden, InitialValue weight, InitialValue bias) {
        return new Mlp(
                new Linear(parameters, name + ".0.", width, hidden, weight, bias),
                new Linear(parameters, name + ".3.", hidden, width, weight, bias));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return second.forward(torch.gelu(first.forward(x, pass)), pass);
    }
}
