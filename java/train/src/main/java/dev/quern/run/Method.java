package dev.quern.run;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How the samples of an epoch are chosen. */
public enum Method {
    /** All of them. */
    FULL("full"),
    /** One uniform subset for the whole run. */
    RANDOM("random"),
    /** The subset of a file for the whole run. */
    SUBSET("subset"),
    /** A fresh uniform subset every epoch ("Random*"). */
    RANDOM_DYNAMIC("random-dynamic"),
    /** Random subsets that walk through the whole set. */
    RS2("rs2"),
    /** Largest mean losses, some by chance. */
    EPSILON_GREEDY("epsilon-greedy"),
    /** Largest upper bounds of the loss. */
    UCB("ucb"),
    /** Fewer samples of small loss, which count more. The ratio is the share that is kept of the samples below the mean loss. */
    INFOBATCH("infobatch"),
    /** A window of the losses that slides from easy to hard. The ratio is the window's share of the groups. */
    SETA("seta"),
    /** All whose loss has not settled; takes no ratio. */
    IES("ies"),
    /** Classes take turns, whatever their size. The ratio is the share of its visits that an epoch has. */
    CLASS_AWARE("class-aware"),
    /** Density × consistency: {@link dev.quern.joint.JointPipeline}. */
    JOINT("joint");

    private final String label;

    Method(String label) {
        this.label = label;
    }

    /** Whether a ratio says how much an epoch sees. */
    public boolean takesRatio() {
        return this != FULL && this != IES;
    }

    /** Whether only the losses tell how many samples an epoch has. */
    boolean lossesCount() {
        return this == INFOBATCH || this == SETA || this == IES;
    }

    /** What the command line calls it. */
    public String label() {
        return label;
    }

    /** The method with that label. */
    public static Method of(String label) {
        return Arrays.stream(values())
                .filter(method -> method.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("method is '" + label + "', allowed: "
                        + Arrays.stream(values()).map(Method::label).collect(Collectors.joining(", "))));
    }
}
