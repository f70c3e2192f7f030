package dev.quern.nn.model;

import dev.quern.nn.Linear;
import dev.quern.nn.Pass;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al. 2017).
 *
 * @param inputs from width D to queries, keys and values, 3·D
 * @param output from D to D
 */
record SelfAttention(Linear inputs, Linear output, int heads) {
    /**
     * @param tokens [...,T,D]
     * @param bias added to the scores [...,H,T,T], broadcast; may be empty
     */
    Tensor forward(Tensor tokens, TensorOptional bias, Pass pass) {
        long width = tokens.size(-1);
        Tensor projected = inputs.forward(tokens, pass).unflatten(-1, 3, heads, width / heads);
        Tensor mixed = torch.scaled_dot_product_attention(
                part(projected, 0),
                part(projected, 1),
                part(projected, 2),
                bias,
                0,
                false,
                new DoubleOptional(),
                false);
        pass.counted(mixed, 2 * tokens.size(-2));
        return output.forward(mixed.transpose(-3, -2).flatten(-2, -1), pass);
    }

    /** [...,T,3,H,D/H] → [...,H,T,D/H]. */
    private static Tensor part(Tensor projected, long index) {
        return projected.select(-3, index).transpose(-3, -2);
    }
}
