package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_augment_params;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Augments a uint8 image batch and brings it into the network's input format in one pass: per sample a chain of {@link AugmentOp}s, crop
 * with padding, flip, normalise, cutout (described by an {@link AugmentBatch}). Ops equal Pillow's bit for bit.
 *
 * @param outHeight rows of the output; 0: as the input
 * @param outWidth columns of the output; 0: as the input
 * @param resample how rotate, shear and translate sample
 * @param padding what lies outside the image for the crop
 * @param cutout side of the cutout square in pixels, set to 0 in the output's units; 0: none
 * @param dtype UINT8, FLOAT32, BFLOAT16 or FLOAT16
 * @param layout of the output
 * @param normalization of float outputs: (v/255 − mean)/std per channel
 */
public record FusedAugment(
        int outHeight,
        int outWidth,
        Resample resample,
        Padding padding,
        int cutout,
        DType dtype,
        Layout layout,
        Normalization normalization) {

    /** uint8 in, uint8 out, NHWC, nearest neighbour, no cutout. */
    public static final FusedAugment UINT8 =
            new FusedAugment(0, 0, Resample.NEAREST, Padding.ZERO, 0, DType.UINT8, Layout.NHWC, Normalization.NONE);

    public enum Resample {
        NEAREST,
        BILINEAR
    }

    public enum Padding {
        ZERO,
        REFLECT
    }

    public enum Layout {
        NHWC,
        NCHW
    }

    /** Channel means and standard deviations of values in [0, 1]. */
    public record Normalization(float[] mean, float[] std) {
        public static final Normalization NONE = new Normalization(new float[] {0, 0, 0}, new float[] {1, 1, 1});
        public static final Normalization CIFAR10 =
                new Normalization(new float[] {0.4914f, 0.4822f, 0.4465f}, new float[] {0.2470f, 0.2435f, 0.2616f});

        public Normalization {
            if (mean.length != 3 || std.length != 3) {
                throw new InvalidArgumentException(
                        "mean has " + mean.length + " and std " + std.length + " channels, allowed: 3");
            }
        }
    }

    public FusedAugment withSize(int height, int width) {
        return new FusedAugment(height, width, resample, padding, cutout, dtype, layout, normalization);
    }

    public FusedAugment withResample(Resample resample) {
        return new FusedAugment(outHeight, outWidth, resample, padding, cutout, dtype, layout, normalization);
    }

    public FusedAugment withPadding(Padding padding) {
        return new FusedAugment(outHeight, outWidth, resample, padding, cutout, dtype, layout, normalization);
    }

    public FusedAugment withCutout(int side) {
        return new FusedAugment(outHeight, outWidth, resample, padding, side, dtype, layout, normalization);
    }

    /** Float output normalised per channel. */
    public FusedAugment normalized(DType dtype, Layout layout, Normalization normalization) {
        return new FusedAugment(outHeight, outWidth, resample, padding, cutout, dtype, layout, normalization);
    }

    /**
     * Makes the first B samples of {@code batch}, each of the image it names.
     *
     * @param images UINT8 [N,H,W,3]
     * @param output of {@link #dtype}, [B,outHeight,outWidth,3] or [B,3,outHeight,outWidth]
     * @throws InvalidArgumentException naming the argument, its value and what is allowed
     */
    public void apply(Engine engine, NativeBuffer images, AugmentBatch batch, NativeBuffer output) {
        images.require(DType.UINT8);
        output.require(dtype);
        if (images.rank() != 4 || images.dimension(3) != 3) {
            throw new InvalidArgumentException("images is " + images + ", allowed: UINT8[B,H,W,3]");
        }
        long samples = output.dimension(0);
        if (samples > batch.capacity()) {
            throw new InvalidArgumentException(
                    "output holds " + samples + " samples, batch describes " + batch.capacity());
        }
        long rows = outHeight == 0 ? images.dimension(1) : outHeight;
        long columns = outWidth == 0 ? images.dimension(2) : outWidth;
        if (output.size() != samples * rows * columns * 3) {
            throw new InvalidArgumentException(
                    "output is " + output + ", needs " + samples + "·" + rows + "·" + columns + "·3 elements");
        }
        try (quern_augment_params params = new quern_augment_params()) {
            Pointer.memset(params, 0, params.sizeof());
            params.images(new BytePointer(images.pointer()));
            params.image_index(new IntPointer(batch.image().pointer())).image_count(images.dimension(0));
            params.batch(samples).height(images.dimension(1)).width(images.dimension(2));
            params.chain(batch.chain());
            if (batch.chain() > 0) {
                params.ops(new IntPointer(batch.ops().pointer()));
                params.values(new DoublePointer(batch.values().pointer()));
            }
            params.resample(resample.ordinal()).padding(padding.ordinal());
            params.out_height(rows).out_width(columns);
            params.crop_y(new IntPointer(batch.cropY().pointer()));
            params.crop_x(new IntPointer(batch.cropX().pointer()));
            params.flip(new BytePointer(batch.flip().pointer()));
            if (cutout != 0) {
                params.cutout(cutout);
                params.cutout_y(new IntPointer(batch.cutoutY().pointer()));
                params.cutout_x(new IntPointer(batch.cutoutX().pointer()));
            }
            params.out_dtype(code(dtype)).out_layout(layout.ordinal());
            for (int channel = 0; channel < 3; channel++) {
                params.mean(channel, normalization.mean()[channel]);
                params.std(channel, normalization.std()[channel]);
            }
            engine.run(context -> quern.quern_augment(context, params, output.pointer()));
        }
    }

    /** Images, rows and columns of [B,H,W,3] or [B,3,H,W]. */
    static long[] sizeOf(String name, NativeBuffer images, Layout layout) {
        int channels = layout == Layout.NHWC ? 3 : 1;
        if (images.rank() != 4 || images.dimension(channels) != 3) {
            throw new InvalidArgumentException(
                    name + " is " + images + ", allowed: " + (layout == Layout.NHWC ? "[B,H,W,3]" : "[B,3,H,W]"));
        }
        int height = layout == Layout.NHWC ? 1 : 2;
        return new long[] {images.dimension(0), images.dimension(height), images.dimension(height + 1)};
    }

    static int code(DType dtype) {
        return switch (dtype) {
            case UINT8 -> quern.QUERN_UINT8;
            case FLOAT32 -> quern.QUERN_FLOAT32;
            case BFLOAT16 -> quern.QUERN_BFLOAT16;
            case FLOAT16 -> quern.QUERN_FLOAT16;
            default ->
                throw new InvalidArgumentException(
                        "dtype is " + dtype + ", allowed: UINT8, FLOAT32, BFLOAT16, FLOAT16");
        };
    }
}
