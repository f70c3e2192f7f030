package dev.quern.select;

/** Chooses the samples an epoch trains on. */
public interface EpochSelection {
    String name();

    /** Distinct sample indices in ascending order; the same for every call with the same epoch and state. */
    int[] select(int epoch);
}
