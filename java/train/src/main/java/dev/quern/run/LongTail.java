package dev.quern.run;

import dev.quern.data.Profile;
import dev.quern.setting.Fields;

/**
 * How data sets with a long tail are sampled and judged (OLTR, Liu et al. 2019).
 *
 * @param profile of the epoch's length under {@link Method#CLASS_AWARE}, and of the borders between many, medium and few training images
 * @param perTurn samples that a class has in its turn under {@link Method#CLASS_AWARE}, ≥ 1
 * @param openThreshold confidence below which an image counts as unknown, in [0, 1]
 */
public record LongTail(Profile profile, int perTurn, double openThreshold) {
    public static final LongTail DEFAULT = new LongTail(Profile.PAPER, 4, 0.1);

    public LongTail {
        Fields.atLeast("per turn", perTurn, 1);
        Fields.require("open threshold", openThreshold, openThreshold >= 0 && openThreshold <= 1, "0 … 1");
    }
}
