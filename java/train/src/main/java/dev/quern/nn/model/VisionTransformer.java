package dev.quern.nn.model;

import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Layer;
import dev.quern.nn.LayerNorm;
import dev.quern.nn.Linear;
import dev.quern.nn.Parameter;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Vision transformers (Dosovitskiy et al. 2021): patches and a class token with learned positions, pre-norm transformer blocks, one linear
 * layer on the class token. Names and initial values of torchvision's {@code vit}: patches normal by fan-in, positions normal with
 * deviation 0.02, class token and head 0, attention and perceptrons Xavier-uniform.
 *
 * @param side of the square images in pixels, a multiple of {@code patch}
 * @param hidden width of the perceptrons
 */
record VisionTransformer(int side, int patch, int layers, int heads, int width, int hidden) {
    private static final double EPSILON = 1e-6;
    private static final InitialValue ALMOST_ZERO = InitialValue.normal(1e-6);

    ImageClassifier build(int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> trunk = new ArrayList<>();
        trunk.add(embedding(parameters));
        for (int layer = 0; layer < layers; layer++) {
            trunk.add(block(parameters, "encoder.layers.encoder_layer_" + layer));
        }
        trunk.add(new LayerNorm(parameters, "encoder.ln", width, EPSILON));
        trunk.add((x, pass) -> x.select(1, 0));
        Linear head = new Linear(parameters, "heads.head.", width, classes, InitialValue.ZERO, InitialValue.ZERO);
        return new ImageClassifier(parameters, new Sequence(trunk), head, width, classes);
    }

    /** [B,3,S,S] → [B,1+(S/P)²,D]. */
    private Layer embedding(FlatParameters parameters) {
        int patches = (side / patch) * (side / patch);
        Parameter token = parameters.declare("class_token", InitialValue.ZERO, 1, 1, width);
        Convolution projection = new Convolution(parameters, "conv_proj", width, patch);
        Parameter position =
                parameters.declare("encoder.pos_embedding", InitialValue.normal(0.02), 1, patches + 1, width);
        return (images, pass) -> {
            requireSide(images);
            Tensor tokens = projection.forward(images, pass).flatten(2, 3).transpose(1, 2);
            Tensor first = token.value().expand(images.size(0), 1, width);
            return torch.cat(new TensorVector(first, tokens), 1).add(position.value());
        };
    }

    private void requireSide(Tensor images) {
        if (images.size(2) != side || images.size(3) != side) {
            throw new IllegalArgumentException(
                    "images are " + images.size(3) + "×" + images.size(2) + ", allowed: " + side + "×" + side);
        }
    }

    private Layer block(FlatParameters parameters, String name) {
        LayerNorm norm1 = new LayerNorm(parameters, name + ".ln_1", width, EPSILON);
        SelfAttention attention = attention(parameters, name + ".self_attention");
        LayerNorm norm2 = new LayerNorm(parameters, name + ".ln_2", width, EPSILON);
        InitialValue weight = InitialValue.xavierUniform(width, hidden);
        Mlp mlp = Mlp.of(parameters, name + ".mlp", width, hidden, weight, ALMOST_ZERO);
        return (x, pass) -> {
            Tensor y = x.add(attention.forward(norm1.forward(x, pass), new TensorOptional(), pass));
            return y.add(mlp.forward(norm2.forward(y, pass), pass));
        };
    }

    private SelfAttention attention(FlatParameters parameters, String name) {
        InitialValue joined = InitialValue.xavierUniform(width, 3L * width);
        return new SelfAttention(
                new Linear(parameters, name + ".in_proj_", width, 3 * width, joined, InitialValue.ZERO),
                new Linear(
                        parameters, name + ".out_proj.", width, width, InitialValue.uniform(width), InitialValue.ZERO),
                heads);
    }
}
