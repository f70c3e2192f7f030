package dev.quern.pipeline;

import java.util.EnumSet;
import java.util.Set;

/** Whose version of AdaAugment and EntAugment runs. */
public enum Profile {
    /** The released code, bug for bug. */
    RELEASED(EnumSet.allOf(Quirk.class)),
    /** What the paper means. */
    PAPER(EnumSet.noneOf(Quirk.class));

    private final Set<Quirk> quirks;

    Profile(Set<Quirk> quirks) {
        this.quirks = quirks;
    }

    /** The departures of {@link #RELEASED}. */
    public Set<Quirk> quirks() {
        return Set.copyOf(quirks);
    }
}
