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
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Swin transformers (Liu et al. 2021): 4×4 patches, stages of transformer blocks whose attention stays within windows, shifted in every
 * second block, merging of 2×2 patches between stages, one linear layer on the mean token. Stochastic depth grows to 0.2 at the last block.
 * Names of torchvision's {@code swin_t}; linear layers start normal with deviation 0.02 and bias 0.
 */
public final class SwinTransformer {
    static final InitialValue WEIGHT = InitialValue.normal(0.02);

    private static final int PATCH = 4;
    private static final double EPSILON = 1e-5;
    private static final double LAST_DROP = 0.2;

    private final FlatParameters parameters = new FlatParameters();
    private final List<Layer> layers = new ArrayList<>();
    private final int allBlocks;
    private int blocks;

    private SwinTransformer(int allBlocks) {
        this.allBlocks = allBlocks;
    }

    /**
     * @param width of the first stage; it doubles with each
     * @param depths blocks of each stage
     * @param heads of each stage
     */
    public static ImageClassifier of(int width, int[] depths, int[] heads, int classes) {
        return new SwinTransformer(Arrays.stream(depths).sum()).build(width, depths, heads, classes);
    }

    private ImageClassifier build(int firstWidth, int[] depths, int[] heads, int classes) {
        addEmbedding(firstWidth);
        int width = firstWidth;
        for (int stage = 0; stage < depths.length; stage++) {
            if (stage > 0) {
                addMerging("features." + 2 * stage, width);
                width *= 2;
            }
            for (int layer = 0; layer < depths[stage]; layer++) {
                String name = "features." + (2 * stage + 1) + "." + layer;
                addBlock(name, width, heads[stage], layer % 2 == 0 ? 0 : WindowAttention.SIDE / 2);
            }
        }
        layers.add(new LayerNorm(parameters, "norm", width, EPSILON));
        layers.add((x, pass) -> x.mean(1, 2));
        Linear head = new Linear(parameters, "head.", width, classes, WEIGHT, InitialValue.ZERO);
        return new ImageClassifier(parameters, new Sequence(layers), head, width, classes);
    }

    /** [B,3,H,W] → [B,H/4,W/4,C]. */
    private void addEmbedding(int width) {
        layers.add(new Convolution(parameters, "features.0.0", width, PATCH));
        layers.add((x, pass) -> x.permute(0, 2, 3, 1));
        layers.add(new LayerNorm(parameters, "features.0.2", width, EPSILON));
    }

    private void addBlock(String name, int width, int heads, int shift) {
        LayerNorm norm1 = new LayerNorm(parameters, name + ".norm1", width, EPSILON);
        WindowAttention attention = new WindowAttention(parameters, name + ".attn", width, heads, shift);
        LayerNorm norm2 = new LayerNorm(parameters, name + ".norm2", width, EPSILON);
        Mlp mlp = Mlp.of(parameters, name + ".mlp", width, 4 * width, WEIGHT, InitialValue.ZERO);
        double drop = LAST_DROP * blocks / (allBlocks - 1);
        int slot = 2 * blocks;
        blocks++;
        layers.add((x, pass) -> {
            long batch = x.size(0);
            Tensor attended = attention.forward(norm1.forward(x, pass), pass);
            Tensor y = x.add(pass.drop(attended, drop, slot, batch, 1, 1, 1));
            Tensor mapped = mlp.forward(norm2.forward(y, pass), pass);
            return y.add(pass.drop(mapped, drop, slot + 1, batch, 1, 1, 1));
        });
    }

    /** [B,H,W,C] → [B,⌈H/2⌉,⌈W/2⌉,2·C]. */
    private void addMerging(String name, int width) {
        Parameter reduction = parameters.declare(name + ".reduction.weight", WEIGHT, 2L * width, 4L * width);
        LayerNorm norm = new LayerNorm(parameters, name + ".norm", 4L * width, EPSILON);
        layers.add((x, pass) -> {
            Tensor even = torch.constant_pad_nd(x, 0, 0, 0, x.size(2) % 2, 0, x.size(1) % 2);
            TensorVector corners =
                    new TensorVector(corner(even, 0, 0), corner(even, 1, 0), corner(even, 0, 1), corner(even, 1, 1));
            Tensor joined = norm.forward(torch.cat(corners, -1), pass);
            return pass.counted(torch.linear(joined, reduction.value()), 4L * width);
        });
    }

    /** Every second row and column from the given ones on. */
    private static Tensor corner(Tensor x, long row, long column) {
        LongOptional end = new LongOptional();
        return torch.slice(torch.slice(x, 1, new LongOptional(row), end, 2), 2, new LongOptional(column), end, 2);
    }
}
