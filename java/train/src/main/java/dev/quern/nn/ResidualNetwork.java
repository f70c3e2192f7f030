package dev.quern.nn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Residual networks for 32×32 images (He et al. 2016): a 3×3 stem, stages of basic blocks, global average pooling, one linear layer. */
final class ResidualNetwork implements Network {
    private final FlatParameters parameters = new FlatParameters();
    private final Convolution conv1;
    private final BatchNorm bn1;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    private final Parameter fcWeight;
    private final Parameter fcBias;
    private final int featureSize;
    private final int classes;
    private Mode mode = Mode.TRAIN;

    /**
     * @param widths channels of each stage; the stem has the first's
     * @param blocksPerStage basic blocks of each stage; every stage but the first starts with stride 2
     */
    ResidualNetwork(int[] widths, int blocksPerStage, ResidualBlock.Shortcut shortcut, int classes) {
        this.classes = classes;
        featureSize = widths[widths.length - 1];
        conv1 = new Convolution(parameters, "conv1", 3, widths[0], 3, 1);
        bn1 = new BatchNorm(parameters, "bn1", widths[0]);
        long in = widths[0];
        for (int stage = 0; stage < widths.length; stage++) {
            for (int block = 0; block < blocksPerStage; block++) {
                long stride = stage > 0 && block == 0 ? 2 : 1;
                String name = "layer" + (stage + 1) + "." + block;
                blocks.add(new ResidualBlock(parameters, name, in, widths[stage], stride, shortcut));
                in = widths[stage];
            }
        }
        fcWeight = parameters.declare("fc.weight", Parameter.Role.LINEAR_WEIGHT, featureSize, classes, featureSize);
        fcBias = parameters.declare("fc.bias", Parameter.Role.LINEAR_BIAS, featureSize, classes);
        parameters.allocate();
    }

    @Override
    public Tensor features(Tensor images) {
        if (mode == Mode.TRAIN) {
            parameters.countBatch();
        }
        Tensor x = bn1.forward(conv1.forward(images), mode).relu_();
        for (ResidualBlock block : blocks) {
            x = block.forward(x, mode);
        }
        return x.mean(2, 3).to(ScalarType.Float);
    }

    @Override
    public Tensor classify(Tensor features) {
        return torch.linear(features, fcWeight.value(), new TensorOptional(fcBias.value()));
    }

    @Override
    public int featureSize() {
        return featureSize;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void mode(Mode mode) {
        this.mode = mode;
    }

    @Override
    public FlatParameters flat() {
        return parameters;
    }
}
