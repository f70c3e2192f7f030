package dev.quern.train;

import dev.quern.kernels.NativeBuffer;

/**
 * A batch before its images are augmented. Valid until the next.
 *
 * @param samples indices [B]
 * @param images UINT8 [N,H,W,3] among which its own are, on the host or the engine's device
 * @param shown [B] the image that each sample is
 */
public record RawBatch(int[] samples, NativeBuffer images, int[] shown) {
    public int size() {
        return samples.length;
    }
}
