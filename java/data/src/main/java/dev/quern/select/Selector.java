package dev.quern.select;

/** Chooses, once and before the training, the samples that a network is trained on. Immutable and thread-safe. */
public interface Selector {
    String name();

    /**
     * Distinct sample indices in ascending order, round(ratio·N) of them, at least 1; the same for every call with the same ratio.
     *
     * @param ratio above 0, at most 1
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    int[] select(double ratio);
}
