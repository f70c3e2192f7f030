package dev.quern.nn.model;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Residual networks (He et al. 2016): a stem, stages of residual blocks of which every one but the first starts with stride 2, global
 * average pooling, one linear layer. Names of torchvision's {@code resnet}.
 */
final class ResidualNetwork {
    enum Stem {
        /** A 3×3 convolution. */
        SMALL_IMAGES,
        /** A 7×7 convolution and a 3×3 maximum, each with stride 2. */
        IMAGENET
    }

    private ResidualNetwork() {}

    /**
     * @param widths of the 3×3 convolutions of each stage; the stem has the first's
     * @param blocks of each stage
     */
    static ImageClassifier of(
            Stem stem,
            ResidualBlock.Kind kind,
            ResidualBlock.Shortcut shortcut,
            int[] widths,
            int[] blocks,
            int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> layers = new ArrayList<>(stem(parameters, stem, widths[0]));
        int in = widths[0];
        for (int stage = 0; stage < widths.length; stage++) {
            for (int block = 0; block < blocks[stage]; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                String name = "layer" + (stage + 1) + "." + block;
                layers.add(new ResidualBlock(parameters, name, kind, shortcut, in, widths[stage], stride));
                in = widths[stage] * kind.expansion;
            }
        }
        layers.add(Layer.GLOBAL_AVERAGE);
        Linear head = new Linear(parameters, "fc", in, classes);
        return new ImageClassifier(parameters, new Sequence(layers), head, in, classes);
    }

    private static List<Layer> stem(FlatParameters parameters, Stem stem, int width) {
        boolean small = stem == Stem.SMALL_IMAGES;
        Convolution convolution = new Convolution(parameters, "conv1", 3, width, small ? 3 : 7, small ? 1 : 2);
        List<Layer> layers = List.of(convolution, new BatchNorm(parameters, "bn1", width), Layer.RELU);
        return small ? layers : List.of(Sequence.of(layers.toArray(Layer[]::new)), (x, pass) -> stemPool(x));
    }

    /** A 3×3 maximum with stride 2. */
    static Tensor stemPool(Tensor x) {
        long[] three = {3, 3};
        long[] two = {2, 2};
        long[] one = {1, 1};
        return torch.max_pool2d(x, three, two, one, one, false);
    }
}
