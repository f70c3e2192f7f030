package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_mix_params;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Weighted sums of images, and boxes taken from another image (mixup, Zhang et al. 2018; AugMix, Hendrycks et al. 2020; CutMix, Yun et al.
 * 2019): output_b = Σ_k weights[b,k]·images[rows[b,k]], and inside box b the pixels of images[rows[b,1]].
 *
 * @param sources images per sum, 1 … 8; at least 2 with boxes
 * @param rows [B,sources]
 * @param weights [B,sources]
 * @param boxes [B,4] as y0, x0, y1, x1 with the second of each exclusive, clipped to the image; empty: none
 */
public record MixImages(int sources, int[] rows, float[] weights, int[] boxes) {
    private static final int BOX = 4;

    public MixImages {
        if (sources < 1 || rows.length % sources != 0 || weights.length != rows.length) {
            throw new InvalidArgumentException("rows has " + rows.length + " and weights " + weights.length
                    + " elements, allowed: the same multiple of sources = " + sources);
        }
        if (boxes.length != 0 && boxes.length != BOX * (rows.length / sources)) {
            throw new InvalidArgumentException(
                    "boxes has " + boxes.length + " elements, allowed: none or " + BOX + " per output image");
        }
    }

    /** Number of output images. */
    public int batch() {
        return rows.length / sources;
    }

    /**
     * Mixes.
     *
     * @param images UINT8 (sums truncated), FLOAT32, BFLOAT16 or FLOAT16, [N,H,W,3] or [N,3,H,W]
     * @param output of the same type and image size, [B,…]; separate memory
     * @throws InvalidArgumentException naming the argument, its value and what is allowed
     */
    public void apply(Engine engine, NativeBuffer images, FusedAugment.Layout layout, NativeBuffer output) {
        long[] from = FusedAugment.sizeOf("images", images, layout);
        long[] to = FusedAugment.sizeOf("output", output, layout);
        output.require(images.dtype());
        if (to[0] != batch() || !Arrays.equals(from, 1, 3, to, 1, 3)) {
            throw new InvalidArgumentException(
                    "output is " + output + ", needs " + batch() + " images of the size of " + images);
        }
        try (quern_mix_params params = new quern_mix_params();
                NativeBuffer nativeRows = NativeBuffer.copyOf(rows, rows.length);
                NativeBuffer nativeWeights = NativeBuffer.copyOf(weights, weights.length);
                NativeBuffer nativeBoxes = NativeBuffer.copyOf(boxes, boxes.length)) {
            Pointer.memset(params, 0, params.sizeof());
            params.images(images.pointer()).count(from[0]).height(from[1]).width(from[2]);
            params.dtype(FusedAugment.code(images.dtype())).layout(layout.ordinal());
            params.batch(batch()).sources(sources);
            params.rows(new IntPointer(nativeRows.pointer()));
            params.weights(new FloatPointer(nativeWeights.pointer()));
            if (boxes.length != 0) {
                params.boxes(new IntPointer(nativeBoxes.pointer()));
            }
            engine.run(context -> quern.quern_mix(context, params, output.pointer()));
        }
    }
}
