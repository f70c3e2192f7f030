package dev.quern.nn.clip;

import java.io.IOException;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The pre-norm transformer blocks of one tower of CLIP, without dropout (Radford et al. 2021). */
final class ClipTower {
    /** Which tokens a token sees. */
    enum Sight {
        ALL,
        EARLIER
    }

    private final ClipConfig.Tower size;
    private final Sight sight;
    private final Block[] blocks;

    /** @param prefix of the names of the blocks */
    ClipTower(ClipWeights weights, String prefix, ClipConfig.Tower size, Sight sight) throws IOException {
        this.size = size;
        this.sight = sight;
        blocks = new Block[size.layers()];
        for (int layer = 0; layer < blocks.length; layer++) {
            blocks[layer] = Block.read(weights, prefix + layer + ".", size);
        }
    }

    /** [B,T,D] → [B,T,D]. */
    Tensor forward(Tensor tokens) {
        Tensor x = tokens;
        for (Block block : blocks) {
            x = x.add(attend(block, block.norm1.apply(x)));
            Tensor wide = activate(block.first.apply(block.norm2.apply(x)));
            x = x.add(block.second.apply(wide));
        }
        return x;
    }

    private Tensor attend(Block block, Tensor x) {
        Tensor parts = block.inputs.apply(x).unflatten(-1, 3, size.heads(), size.width() / size.heads());
        Tensor mixed = torch.scaled_dot_product_attention(
                parts.select(-3, 0).transpose(-3, -2),
                parts.select(-3, 1).transpose(-3, -2),
                parts.select(-3, 2).transpose(-3, -2),
                new TensorOptional(),
                0,
                sight == Sight.EARLIER,
                new DoubleOptional(),
                false);
        return block.output.apply(mixed.transpose(-3, -2).flatten(-2, -1));
    }

    private Tensor activate(Tensor x) {
        return switch (size.activation()) {
            case GELU -> torch.gelu(x);
            case QUICK_GELU -> x.mul(torch.sigmoid(x.mul(new Scalar(1.702))));
        };
    }

    private record Block(Norm norm1, Affine inputs, Affine output, Norm norm2, Affine first, Affine second) {
        static Block read(ClipWeights weights, String name, ClipConfig.Tower size) throws IOException {
            int width = size.width();
            return new Block(
                    Norm.read(weights, name + "ln_1", width, size.epsilon()),
                    Affine.read(weights, name + "attn.in_proj_", width, 3 * width),
                    Affine.read(weights, name + "attn.out_proj.", width, width),
                    Norm.read(weights, name + "ln_2", width, size.epsilon()),
                    Affine.read(weights, name + "mlp.c_fc.", width, size.hidden()),
                    Affine.read(weights, name + "mlp.c_proj.", size.hidden(), width));
        }
    }

    private record Affine(Tensor weight, Tensor bias) {
        static Affine read(ClipWeights weights, String prefix, int in, int out) throws IOException {
            return new Affine(weights.read(prefix + "weight", out, in), weights.read(prefix + "bias", out));
        }

        Tensor apply(Tensor x) {
            return torch.linear(x, weight, new TensorOptional(bias));
        }
    }

    /** Layer normalisation of the last dimension. */
    record Norm(Tensor weight, Tensor bias, double epsilon) {
        static Norm read(ClipWeights weights, String name, int width, double epsilon) throws IOException {
            return new Norm(weights.read(name + ".weight", width), weights.read(name + ".bias", width), epsilon);
        }

        Tensor apply(Tensor x) {
            long[] width = {x.size(-1)};
            return torch.layer_norm(x, width, new TensorOptional(weight), new TensorOptional(bias), epsilon, true);
        }
    }
}
