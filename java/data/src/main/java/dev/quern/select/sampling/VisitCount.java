package dev.quern.select.sampling;

import dev.quern.select.Ratio;
import java.util.BitSet;

/** Counts how often each sample is trained on: the true cost of a selection, warm-up and annealing epochs included. Not thread-safe. */
public final class VisitCount {
    private final int[] visits;
    private long total;

    public VisitCount(int samples) {
        visits = new int[Ratio.count(samples, 1)];
    }

    /** Goes on from counts [N] ≥ 0 of an earlier run. */
    public VisitCount(int[] visits) {
        this(visits.length);
        for (int i = 0; i < visits.length; i++) {
            if (visits[i] < 0) {
                throw new IllegalArgumentException("visits[" + i + "] is " + visits[i] + ", allowed: ≥ 0");
            }
            this.visits[i] = visits[i];
            total += visits[i];
        }
    }

    /** Counts one visit of each of {@code indices}. */
    public void add(int[] indices) {
        for (int index : indices) {
            visits[index]++;
        }
        total += indices.length;
    }

    /** All visits. */
    public long total() {
        return total;
    }

    /** Visits [N] of each sample. */
    public int[] perSample() {
        return visits.clone();
    }

    /** Visits relative to training on all samples in each of {@code epochs} epochs. */
    public double share(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs is " + epochs + ", allowed: ≥ 1");
        }
        return total / ((double) visits.length * epochs);
    }

    /** Share of the visits that went to samples in {@code wrongLabels}; 0 without visits. */
    public double wrongShare(BitSet wrongLabels) {
        long wrong = wrongLabels.stream()
                .filter(i -> i < visits.length)
                .mapToLong(i -> visits[i])
                .sum();
        return total == 0 ? 0 : (double) wrong / total;
    }

    /** Share of {@code indices} in {@code wrongLabels}; 0 where there are none. */
    public static double wrongShare(int[] indices, BitSet wrongLabels) {
        int wrong = 0;
        for (int index : indices) {
            wrong += wrongLabels.get(index) ? 1 : 0;
        }
        return indices.length == 0 ? 0 : (double) wrong / indices.length;
    }
}
