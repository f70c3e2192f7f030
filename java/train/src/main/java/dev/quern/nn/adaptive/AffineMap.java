package dev.quern.nn.adaptive;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.Layer;
import dev.quern.nn.Pass;
import dev.quern.nn.TensorMemory;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A learned affine map of an image (TeachAugment, Suzuki 2022): [I|0] + p·s·(σ(r) − ½), r a perceptron's output, p a strength. */
final class AffineMap {
    private static final int HIDDEN = 512;
    private static final int NUMBERS = 6;
    private static final long BILINEAR = 0;
    private static final long ZEROS = 0;

    private final Layer residual;
    private final double scale;

    /**
     * @param context length of a context vector
     * @param scale s, ≥ 0
     * @param slot of the dropout's first draws
     */
    AffineMap(FlatParameters parameters, int context, double scale, double dropout, int slot) {
        residual = NoiseNet.of(parameters, "geometry", context, HIDDEN, NUMBERS, dropout, slot);
        this.scale = scale;
    }

    /**
     * Where each place of the result is taken from, in coordinates −1 … 1: float32 [B,2,3].
     *
     * @param context float32 [B,context]
     * @param strengths p, float32 [B]
     */
    Tensor matrices(Tensor context, Tensor strengths, Pass pass) {
        long batch = context.size(0);
        Tensor moved = ColorMap.centred(residual.forward(context, pass)).mul(new Scalar(scale));
        Tensor identity =
                TensorMemory.copyOf(new float[] {1, 0, 0, 0, 1, 0}, moved).view(1, NUMBERS);
        return moved.mul(strengths.view(batch, 1)).add(identity).view(batch, 2, 3);
    }

    /** Images [B,3,H,W] as the matrices say, bilinear; black where they reach beyond the image. */
    static Tensor warp(Tensor images, Tensor matrices) {
        Tensor places = torch.affine_grid_generator(matrices, images.shape(), false);
        return torch.grid_sampler(images, places, BILINEAR, ZEROS, false);
    }
}
