package dev.quern.select.sampling;

/** One given subset for the whole training. */
public final class FixedSubset implements EpochSelection {
    private final int[] chosen;

    /** @param chosen distinct sample indices in ascending order */
    public FixedSubset(int[] chosen) {
        this.chosen = chosen.clone();
    }

    @Override
    public String name() {
        return "subset";
    }

    @Override
    public int[] select(int epoch) {
        return chosen.clone();
    }
}
