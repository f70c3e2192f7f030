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
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Densely connected networks with bottlenecks and compression ½ (Huang et al. 2017): each layer adds {@value #GROWTH} channels to all
 * before it; transitions halve channels and sides; a last batch norm, global average pooling, one linear layer.
 */
final class DenseNetwork {
    enum Stem {
        /** A 3×3 convolution; new channels go before the old ones. */
        SMALL_IMAGES,
        /** A 7×7 convolution with batch norm and a 3×3 maximum, each with stride 2; new channels go behind. Names of torchvision. */
        IMAGENET
    }

    static final int[] BLOCKS_121 = {6, 12, 24, 16};

    private static final int GROWTH = 32;
    private static final int BOTTLENECK = 4 * GROWTH;

    private final FlatParameters parameters = new FlatParameters();
    private final List<Layer> layers = new ArrayList<>();
    private final boolean small;
    private int channels = 2 * GROWTH;

    private DenseNetwork(Stem stem) {
        small = stem == Stem.SMALL_IMAGES;
    }

    /** @param blocks layers of each dense block */
    static ImageClassifier of(Stem stem, int[] blocks, int classes) {
        return new DenseNetwork(stem).build(blocks, classes);
    }

    private ImageClassifier build(int[] blocks, int classes) {
        addStem();
        for (int block = 1; block <= blocks.length; block++) {
            for (int layer = 1; layer <= blocks[block - 1]; layer++) {
                addDenseLayer(block, layer);
            }
            if (block < blocks.length) {
                addTransition(small ? "trans" + block : "features.transition" + block);
            }
        }
        addNorm(small ? "bn" : "features.norm5");
        layers.add(Layer.GLOBAL_AVERAGE);
        Linear head = new Linear(parameters, small ? "linear" : "classifier", channels, classes);
        return new ImageClassifier(parameters, new Sequence(layers), head, channels, classes);
    }

    private void addStem() {
        if (small) {
            layers.add(new Convolution(parameters, "conv1", 3, channels, 3, 1));
        } else {
            layers.add(new Convolution(parameters, "features.conv0", 3, channels, 7, 2));
            addNorm("features.norm0");
            layers.add((x, pass) -> ResidualNetwork.stemPool(x));
        }
    }

    private void addNorm(String name) {
        layers.add(new BatchNorm(parameters, name, channels));
        layers.add(Layer.RELU);
    }

    private void addTransition(String name) {
        addNorm(name + (small ? ".bn" : ".norm"));
        layers.add(new Convolution(parameters, name + ".conv", channels, channels / 2, 1, 1));
        layers.add((x, pass) -> torch.avg_pool2d(x, 2, 2));
        channels /= 2;
    }

    private void addDenseLayer(int block, int layer) {
        String name =
                small ? "dense" + block + "." + (layer - 1) : "features.denseblock" + block + ".denselayer" + layer;
        String norm = small ? ".bn" : ".norm";
        Layer grown = Sequence.of(
                new BatchNorm(parameters, name + norm + 1, channels),
                Layer.RELU,
                new Convolution(parameters, name + ".conv1", channels, BOTTLENECK, 1, 1),
                new BatchNorm(parameters, name + norm + 2, BOTTLENECK),
                Layer.RELU,
                new Convolution(parameters, name + ".conv2", BOTTLENECK, GROWTH, 3, 1));
        layers.add((x, pass) -> join(x, grown.forward(x, pass)));
        channels += GROWTH;
    }

    private Tensor join(Tensor old, Tensor grown) {
        return torch.cat(small ? new TensorVector(grown, old) : new TensorVector(old, grown), 1);
    }
}
