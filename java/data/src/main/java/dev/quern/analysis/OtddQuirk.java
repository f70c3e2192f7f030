package dev.quern.analysis;

/** Where the released similarity code differs from the paper. */
public enum OtddQuirk {
    /** Label distances are made of half the squared Euclidean distance, so that they weigh half as much. */
    HALVED_LABEL_COST,
    /** Both sets are subsampled with draws of their own, so that a set is at a distance from itself. */
    INDEPENDENT_SUBSAMPLING,
    /** Label distances keep their entropic bias, except from a class to itself within one set. */
    BIASED_LABEL_DISTANCE
}
