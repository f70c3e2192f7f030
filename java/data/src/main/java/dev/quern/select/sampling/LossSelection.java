package dev.quern.select.sampling;

/** Chooses each epoch's samples by the losses that training has shown so far. For one thread. */
public interface LossSelection extends EpochSelection {
    /**
     * Takes in losses from training.
     *
     * @param samples [B] indices
     * @param losses [B] finite, of one sample each
     */
    void observe(int[] samples, float[] losses);

    /** Samples whose losses have to be observed before the next selection, although they were not trained on. */
    default int[] unobserved() {
        return new int[0];
    }

    /** How many samples an epoch has at most. */
    int count(int epoch);

    /** What {@link #restore} takes; the length depends on the number of samples alone. */
    double[] state();

    /**
     * Goes on from a {@link #state}.
     *
     * @throws IllegalArgumentException naming what is wrong with it
     */
    void restore(double[] state);

    /** Whether weights may differ from 1. */
    default boolean weighs() {
        return false;
    }

    /** What the loss of a sample counts in the epoch selected last. */
    default double weight(int sample) {
        return 1;
    }
}
