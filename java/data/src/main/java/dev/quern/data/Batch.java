package dev.quern.data;

import dev.quern.kernels.NativeBuffer;

/**
 * Consecutive samples of a pass. Valid until the loader's next {@link BatchLoader#next}, {@link BatchLoader#start} or close; the memory is the
 * loader's.
 *
 * @param images UINT8 [size,height,width,3]
 * @param labels [size] the given labels
 * @param indices [size] sample indices
 */
public record Batch(NativeBuffer images, int[] labels, int[] indices) {
    /** Number of samples. */
    public int size() {
        return indices.length;
    }
}
