package dev.quern.nn.clip;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Parameter;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Two affine maps D→D that adapt frozen image and text embeddings to a data set (Yang et al. 2025). Both start as the identity, which leaves
 * embeddings as they are.
 */
public final class ClipAdapters implements AutoCloseable {
    private final FlatParameters parameters = new FlatParameters();
    private final Affine images;
    private final Affine texts;

    /** @param dimension D ≥ 1 */
    public ClipAdapters(int dimension) {
        images = Affine.declare(parameters, "image.", dimension);
        texts = Affine.declare(parameters, "text.", dimension);
        parameters.allocate();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor identity = torch.eye(dimension);
            images.weight.value().copy_(identity);
            texts.weight.value().copy_(identity);
        }
    }

    /** Adapts image embeddings, float32 [B,D]. */
    public Tensor images(Tensor embeddings) {
        return images.apply(embeddings);
    }

    /** Adapts text embeddings, float32 [B,D]. */
    public Tensor texts(Tensor embeddings) {
        return texts.apply(embeddings);
    }

    /** All weights and their gradients. */
    public FlatParameters flat() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }

    private record Affine(Parameter weight, Parameter bias) {
        static Affine declare(FlatParameters parameters, String prefix, int dimension) {
            return new Affine(
                    parameters.declare(prefix + "weight", InitialValue.ZERO, dimension, dimension),
                    parameters.declare(prefix + "bias", InitialValue.ZERO, dimension));
        }

        Tensor apply(Tensor x) {
            return torch.linear(x, weight.value(), new TensorOptional(bias.value()));
        }
    }
}
