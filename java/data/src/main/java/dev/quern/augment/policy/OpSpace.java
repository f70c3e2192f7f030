package dev.quern.augment.policy;

import dev.quern.kernels.AugmentOp;
import java.util.List;

/** A set of ops and what their discrete levels mean. */
public interface OpSpace {
    /** The ops, in the order in which draws count them. */
    List<AugmentOp> ops();

    /** Number of levels, from 0 up. */
    int levels();

    /**
     * The physical value of an op as the native kernel takes it; 0 for ops without one.
     *
     * @param level 0 … {@link #levels()} − 1
     * @param sign −1 or 1; ignored by ops that have none
     * @param height rows of the image, which some translations are relative to
     * @param width its columns
     */
    double value(AugmentOp op, int level, int sign, int height, int width);
}
