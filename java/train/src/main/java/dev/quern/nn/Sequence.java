package dev.quern.nn;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Layers one after the other; what a layer made on its way is released as soon as neither the next layer nor the backward pass needs it. */
public record Sequence(List<Layer> layers) implements Layer {
    /** In that order. */
    public static Sequence of(Layer... layers) {
        return new Sequence(List.of(layers));
    }

    @Override
    public Tensor forward(Tensor input, Pass pass) {
        Tensor x = input;
        for (Layer layer : layers) {
            Tensor y = run(layer, x, pass);
            if (x != input) {
                x.close();
            }
            x = y;
        }
        return handOver(x);
    }

    /** In-place operations return a second handle of the same tensor object, so the result needs an object of its own to outlive the scope. */
    private static Tensor run(Layer layer, Tensor x, Pass pass) {
        try (PointerScope scope = new PointerScope()) {
            return new Tensor(layer.forward(x, pass)).retainReference();
        }
    }

    private static Tensor handOver(Tensor x) {
        try (Tensor kept = x) {
            return new Tensor(kept);
        }
    }
}
