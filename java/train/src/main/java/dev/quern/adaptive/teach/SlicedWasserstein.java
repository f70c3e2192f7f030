package dev.quern.adaptive.teach;

import dev.quern.nn.TensorMemory;
import dev.quern.random.Philox;
import org.bytedeco.pytorch.Tensor;

/**
 * How far the colours of a batch have moved (sliced Wasserstein distance, Bonneel et al. 2015): at each place of the image the mean squared
 * difference between both batches' sorted projections on directions of the colour space.
 */
public final class SlicedWasserstein {
    private static final int CHANNELS = 3;

    private SlicedWasserstein() {}

    /**
     * A scalar that can be differentiated.
     *
     * @param before float32 [B,3,H,W]
     * @param after float32 [B,3,H,W]
     * @param directions float32 [3,D]
     */
    public static Tensor between(Tensor before, Tensor after, Tensor directions) {
        Tensor moved = sorted(before, directions).sub(sorted(after, directions));
        return moved.mul(moved).mean();
    }

    private static Tensor sorted(Tensor images, Tensor directions) {
        return images.permute(0, 2, 3, 1).matmul(directions).sort(0, false).get0();
    }

    /** Directions of length 1, float32 [3,count], for a step of a run, where {@code like} lies. */
    public static Tensor directions(int count, long seed, long step, int slot, Tensor like) {
        float[] numbers = new float[CHANNELS * count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Philox.normal(seed, step, i, slot);
        }
        Tensor all = TensorMemory.copyOf(numbers, like).view(CHANNELS, count);
        return all.div(all.mul(all).sum(0).sqrt());
    }
}
