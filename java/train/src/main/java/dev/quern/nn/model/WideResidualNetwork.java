package dev.quern.nn.model;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Pass;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Wide residual networks of pre-activation blocks (Zagoruyko and Komodakis 2016): a 3×3 stem of width 16, three stages of 3×3 convolution
 * pairs, a last batch norm, global average pooling, one linear layer.
 */
final class WideResidualNetwork {
    enum Variant {
        /** No convolution has a bias, the first of a pair carries the stride, projections see the normalised input. */
        STANDARD,
        /** Every convolution has a bias, the second of a pair carries the stride, projections see the raw input. */
        AUTHOR
    }

    private static final int STEM = 16;

    private WideResidualNetwork() {}

    /**
     * @param depth 6n + 4
     * @param width factor on 16, 32, 64 channels
     */
    static ImageClassifier of(Variant variant, int depth, int width, int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> layers = new ArrayList<>();
        layers.add(new Convolution(parameters, "conv1", 3, STEM, 3, 1, bias(variant)));
        int in = STEM;
        for (int stage = 0; stage < 3; stage++) {
            int out = (STEM << stage) * width;
            for (int block = 0; block < (depth - 4) / 6; block++) {
                String name =
                        variant == Variant.STANDARD ? "block" + (stage + 1) + ".layer." : "layer" + (stage + 1) + ".";
                layers.add(new Block(parameters, name + block, variant, in, out, stage > 0 && block == 0 ? 2 : 1));
                in = out;
            }
        }
        layers.add(new BatchNorm(parameters, "bn1", in));
        layers.add(Layer.RELU);
        layers.add(Layer.GLOBAL_AVERAGE);
        Linear head = new Linear(parameters, variant == Variant.STANDARD ? "fc" : "linear", in, classes);
        return new ImageClassifier(parameters, new Sequence(layers), head, in, classes);
    }

    private static Convolution.Bias bias(Variant variant) {
        return variant == Variant.AUTHOR ? Convolution.Bias.LEARNED : Convolution.Bias.NONE;
    }

    private static final class Block implements Layer {
        private final Variant variant;
        private final BatchNorm bn1;
        private final Convolution conv1;
        private final BatchNorm bn2;
        private final Convolution conv2;
        private final Convolution projection;

        Block(FlatParameters parameters, String name, Variant variant, int in, int out, int stride) {
            this.variant = variant;
            boolean standard = variant == Variant.STANDARD;
            Convolution.Bias bias = bias(variant);
            bn1 = new BatchNorm(parameters, name + ".bn1", in);
            conv1 = new Convolution(parameters, name + ".conv1", in, out, 3, standard ? stride : 1, bias);
            bn2 = new BatchNorm(parameters, name + ".bn2", out);
            conv2 = new Convolution(parameters, name + ".conv2", out, out, 3, standard ? 1 : stride, bias);
            String shortcut = name + (standard ? ".convShortcut" : ".shortcut.0");
            projection = in == out ? null : new Convolution(parameters, shortcut, in, out, 1, stride, bias);
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor normalized = bn1.forward(x, pass).relu_();
            Tensor y = bn2.forward(conv1.forward(normalized, pass), pass).relu_();
            return conv2.forward(y, pass).add_(shortcut(x, normalized, pass));
        }

        private Tensor shortcut(Tensor x, Tensor normalized, Pass pass) {
            if (projection == null) {
                return x;
            }
            return projection.forward(variant == Variant.STANDARD ? normalized : x, pass);
        }
    }
}
