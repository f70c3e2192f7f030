package dev.quern.setting;

/**
 * The last epochs of a run see all samples, weakly augmented, so that the network ends on the true distribution (Qin et al. 2024).
 *
 * @param delta share of the epochs before, in (0, 1]; 1: no annealing
 * @param epochs of the run, ≥ 1
 */
public record Annealing(double delta, int epochs) {

    /** Whether the epoch, counted from 0, is one of the last round((1 − δ)·epochs). */
    public boolean covers(int epoch) {
        return epoch >= epochs - Math.round((1 - delta) * epochs);
    }
}
