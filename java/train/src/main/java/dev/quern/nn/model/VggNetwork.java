package dev.quern.nn.model;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;

/**
 * The 16-layer network of Simonyan and Zisserman (2015): thirteen 3×3 convolutions in five groups, each followed by a 2×2 maximum, and
 * linear layers. Names of torchvision's {@code vgg16}.
 */
final class VggNetwork {
    enum Norm {
        NONE,
        BATCH
    }

    private static final int[][] GROUPS = {{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}};
    private static final int OUT = 512;
    private static final double DROPOUT = 0.5;

    private VggNetwork() {}

    /** For small images: global average pooling and one linear layer {@code classifier}; features [B,512]. */
    static ImageClassifier small(Norm norm, int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> layers = convolutions(parameters, norm);
        layers.add(Layer.GLOBAL_AVERAGE);
        Linear head = new Linear(parameters, "classifier", OUT, classes);
        return new ImageClassifier(parameters, new Sequence(layers), head, OUT, classes);
    }

    /**
     * As published: 7×7 average pooling and three linear layers that start normal with deviation 0.01; features [B,hidden].
     *
     * @param hidden width of the first two linear layers; published: 4096
     */
    static ImageClassifier imageNet(Norm norm, int hidden, int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> layers = convolutions(parameters, norm);
        layers.add((x, pass) -> torch.adaptive_avg_pool2d(x, 7, 7).flatten(1, 3));
        layers.add(linear(parameters, "classifier.0.", OUT * 7 * 7, hidden));
        layers.add(Layer.RELU);
        layers.add(dropout(0));
        layers.add(linear(parameters, "classifier.3.", hidden, hidden));
        layers.add(Layer.RELU);
        Layer head = Sequence.of(dropout(1), linear(parameters, "classifier.6.", hidden, classes));
        return new ImageClassifier(parameters, new Sequence(layers), head, hidden, classes);
    }

    private static Linear linear(FlatParameters parameters, String prefix, int in, int out) {
        return new Linear(parameters, prefix, in, out, InitialValue.normal(0.01), InitialValue.ZERO);
    }

    private static Layer dropout(int slot) {
        return (x, pass) -> pass.drop(x, DROPOUT, slot, x.size(0), x.size(1));
    }

    private static List<Layer> convolutions(FlatParameters parameters, Norm norm) {
        List<Layer> layers = new ArrayList<>();
        int in = 3;
        for (int[] group : GROUPS) {
            for (int out : group) {
                String name = "features.";
                layers.add(new Convolution(parameters, name + layers.size(), in, out, 3, 1, Convolution.Bias.LEARNED));
                if (norm == Norm.BATCH) {
                    layers.add(new BatchNorm(parameters, name + layers.size(), out));
                }
                layers.add(Layer.RELU);
                in = out;
            }
            layers.add((x, pass) -> torch.max_pool2d(x, 2, 2));
        }
        return layers;
    }
}
