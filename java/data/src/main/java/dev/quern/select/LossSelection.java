package dev.quern.select;

/** Chooses each epoch's samples by the losses that training has shown so far. For one thread. */
public interface LossSelection extends EpochSelection {
    /**
     * Takes in losses from training.
     *
     * @param samples [B] indices
     * @param losses [B] finite, of one sample each
     */
    void observe(int[] samples, float[] losses);

    /** What the loss of a sample counts in the epoch selected last. */
    default double weight(int sample) {
        return 1;
    }
}
