package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;

/** Chooses the samples an epoch trains on. */
public interface EpochSelection {
    String name();

    /**
     * Sample indices in ascending order, distinct unless a selection says otherwise; the same for every call with the same epoch and state.
     */
    int[] select(int epoch);

    /** What was selected in the order of the visits: a random one unless a selection says otherwise. */
    default int[] order(int epoch, int[] selected, long seed) {
        return Philox.shuffle(selected.clone(), seed, epoch, Slot.SHUFFLE);
    }
}
