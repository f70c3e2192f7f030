package dev.quern.nn.model;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import dev.quern.nn.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Shake-Shake networks (Gastaldi 2017): residual blocks of two branches that a training pass mixes at random, and its backward pass at
 * random again. A 3×3 stem of width 16, three stages, global average pooling, one linear layer.
 */
final class ShakeShakeNetwork {
    private static final int STEM = 16;

    private ShakeShakeNetwork() {}

    /**
     * @param depth 6n + 2
     * @param width of a branch in the first stage; it doubles with each stage
     */
    static ImageClassifier of(int depth, int width, int classes) {
        FlatParameters parameters = new FlatParameters();
        List<Layer> layers = new ArrayList<>();
        layers.add(new Convolution(parameters, "c_in", 3, STEM, 3, 1, Convolution.Bias.LEARNED));
        int in = STEM;
        int slot = 0;
        for (int stage = 0; stage < 3; stage++) {
            int out = width << stage;
            for (int block = 0; block < (depth - 2) / 6; block++) {
                String name = "layer" + (stage + 1) + "." + block;
                layers.add(new Block(parameters, name, in, out, stage > 0 && block == 0 ? 2 : 1, slot));
                in = out;
                slot += 2;
            }
        }
        layers.add((x, pass) -> x.relu());
        layers.add(Layer.GLOBAL_AVERAGE);
        Linear head = new Linear(parameters, "fc_out", in, classes);
        return new ImageClassifier(parameters, new Sequence(layers), head, in, classes);
    }

    private record Block(Layer branch1, Layer branch2, Layer shortcut, int slot) implements Layer {

        Block(FlatParameters parameters, String name, int in, int out, int stride, int slot) {
            this(
                    branch(parameters, name + ".branch1", in, out, stride),
                    branch(parameters, name + ".branch2", in, out, stride),
                    in == out ? null : new Shortcut(parameters, name + ".shortcut", in, out, stride),
                    slot);
        }

        private static Layer branch(FlatParameters parameters, String name, int in, int out, int stride) {
            return Sequence.of(
                    (x, pass) -> x.relu(),
                    new Convolution(parameters, name + ".1", in, out, 3, stride),
                    new BatchNorm(parameters, name + ".2", out),
                    Layer.RELU,
                    new Convolution(parameters, name + ".4", out, out, 3, 1),
                    new BatchNorm(parameters, name + ".5", out));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor mixed = mix(branch1.forward(x, pass), branch2.forward(x, pass), pass, slot);
            return mixed.add(shortcut == null ? x : shortcut.forward(x, pass));
        }
    }

    /**
     * The value α·a + (1 − α)·b with the gradients β and 1 − β, α and β drawn per sample; the mean where nothing is learned.
     *
     * @param slot of α; β has the next
     */
    static Tensor mix(Tensor a, Tensor b, Pass pass, int slot) {
        Tensor difference = a.sub(b);
        if (pass.mode() == Mode.EVALUATE) {
            return b.add(difference, new Scalar(0.5));
        }
        Tensor alpha = pass.uniform(slot, a, a.size(0), 1, 1, 1);
        Tensor beta = pass.uniform(slot + 1, a, a.size(0), 1, 1, 1);
        return torch.addcmul(torch.addcmul(b, difference, beta), difference.detach(), alpha.sub(beta));
    }

    /** Two halves of the channels from pixels one apart. */
    private record Shortcut(Convolution conv1, Convolution conv2, BatchNorm bn, int stride) implements Layer {

        Shortcut(FlatParameters parameters, String name, int in, int out, int stride) {
            this(
                    new Convolution(parameters, name + ".conv1", in, out / 2, 1, 1),
                    new Convolution(parameters, name + ".conv2", in, out / 2, 1, 1),
                    new BatchNorm(parameters, name + ".bn", out),
                    stride);
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor rectified = x.relu();
            Tensor shifted = torch.constant_pad_nd(rectified, -1, 1, -1, 1);
            Tensor first = conv1.forward(strided(rectified), pass);
            Tensor second = conv2.forward(strided(shifted), pass);
            return bn.forward(torch.cat(new TensorVector(first, second), 1), pass);
        }

        private Tensor strided(Tensor x) {
            LongOptional whole = new LongOptional();
            return torch.slice(torch.slice(x, 2, whole, whole, stride), 3, whole, whole, stride);
        }
    }
}
