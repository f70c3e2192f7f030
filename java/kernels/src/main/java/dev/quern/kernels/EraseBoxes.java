package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_erase_params;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Rectangles of a batch that are set to colours, one after the other (cutout, DeVries and Taylor 2017; random erasing, Zhong et al. 2020).
 * Reusable through {@link #clear}; not thread-safe.
 */
public final class EraseBoxes {
    private static final int BOX = 5;
    private static final int COLOR = 3;

    private int[] boxes = new int[BOX * 16];
    private float[] colors = new float[COLOR * 16];
    private int count;

    /** Number of rectangles. */
    public int count() {
        return count;
    }

    public void clear() {
        count = 0;
    }

    /**
     * Adds rows {@code y0} up to before {@code y1} and columns {@code x0} up to before {@code x1}, clipped to the image.
     *
     * @param image number in the batch, not below the one added before
     * @param color of the three channels in the images' units (UINT8: whole, 0 … 255)
     */
    public EraseBoxes add(int image, int y0, int x0, int y1, int x1, float... color) {
        if (color.length != COLOR) {
            throw new InvalidArgumentException("color has " + color.length + " channels, allowed: " + COLOR);
        }
        if (BOX * count == boxes.length) {
            boxes = Arrays.copyOf(boxes, 2 * boxes.length);
            colors = Arrays.copyOf(colors, 2 * colors.length);
        }
        int at = BOX * count;
        boxes[at] = image;
        boxes[at + 1] = y0;
        boxes[at + 2] = x0;
        boxes[at + 3] = y1;
        boxes[at + 4] = x1;
        System.arraycopy(color, 0, colors, COLOR * count, COLOR);
        count++;
        return this;
    }

    /** Box number {@code index} as image, y0, x0, y1, x1. */
    public int[] box(int index) {
        return Arrays.copyOfRange(boxes, BOX * index, BOX * index + BOX);
    }

    /** The color of box number {@code index}. */
    public float[] color(int index) {
        return Arrays.copyOfRange(colors, COLOR * index, COLOR * index + COLOR);
    }

    /**
     * Erases in place.
     *
     * @param images UINT8, FLOAT32, BFLOAT16 or FLOAT16, [B,H,W,3] or [B,3,H,W]
     * @throws InvalidArgumentException naming the argument, its value and what is allowed
     */
    public void apply(Engine engine, NativeBuffer images, FusedAugment.Layout layout) {
        long[] size = FusedAugment.sizeOf("images", images, layout);
        if (count == 0) {
            return;
        }
        try (quern_erase_params params = new quern_erase_params();
                NativeBuffer nativeBoxes = NativeBuffer.copyOf(Arrays.copyOf(boxes, BOX * count), count, BOX);
                NativeBuffer nativeColors = NativeBuffer.copyOf(Arrays.copyOf(colors, COLOR * count), count, COLOR)) {
            Pointer.memset(params, 0, params.sizeof());
            params.images(images.pointer()).batch(size[0]).height(size[1]).width(size[2]);
            params.dtype(FusedAugment.code(images.dtype())).layout(layout.ordinal());
            params.count(count).boxes(new IntPointer(nativeBoxes.pointer()));
            params.colors(new FloatPointer(nativeColors.pointer()));
            engine.run(context -> quern.quern_erase(context, params));
        }
    }
}
