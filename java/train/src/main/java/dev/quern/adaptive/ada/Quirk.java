package dev.quern.adaptive.ada;

import dev.quern.data.Profile;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where AdaAugment's released code departs from what the paper means. Its seventh departure (a network stays on the CPU when the list of GPUs is one
 * character long) changes no number and has no switch here.
 */
public enum Quirk {
    /** Magnitudes are quantised to 29 levels and enhancers run from 0.1 up, so that weak magnitudes distort (Q-B1). */
    QUANTIZED_MAGNITUDES,
    /** The fully augmented views of all samples have one op, drawn once for the run, instead of the op of the adaptive view (Q-B2). */
    ONE_FULL_OP,
    /** The views are cropped independently and only the augmented ones are flipped, instead of all alike (Q-B3). */
    UNMATCHED_VIEWS,
    /** The reward credits the magnitude just drawn instead of the one that caused it (Q-B4). */
    LAGGED_CREDIT,
    /** All three forward passes move the running statistics of batch norms, instead of the first alone (Q-B5). */
    MIXED_STATISTICS,
    /** A last batch of one sample is beyond the code: such runs are refused (Q-B6). */
    NO_SINGLE_SAMPLE;

    /** All of them as released, none as the paper means it. */
    public static Set<Quirk> of(Profile profile) {
        return profile == Profile.RELEASED ? EnumSet.allOf(Quirk.class) : EnumSet.noneOf(Quirk.class);
    }
}
