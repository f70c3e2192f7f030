package dev.quern.setting;

import dev.quern.augment.AugmentPolicy;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What all pipelines share: how many samples an epoch sees and how they are augmented.
 *
 * @param samples in the training set
 * @param selected per epoch before annealing
 * @param selectedPolicy of each epoch before annealing
 * @param annealingPolicy while annealing
 */
public record EpochRules(
        int samples,
        int selected,
        Annealing annealing,
        IntFunction<AugmentPolicy> selectedPolicy,
        AugmentPolicy annealingPolicy) {

    /** Samples of an epoch. */
    public int sampleCount(int epoch) {
        return annealing.covers(epoch) ? samples : selected;
    }

    /** The policy of an epoch. */
    public AugmentPolicy augment(int epoch) {
        return annealing.covers(epoch) ? annealingPolicy : selectedPolicy.apply(epoch);
    }

    /** Every sample. */
    public int[] all() {
        return IntStream.range(0, samples).toArray();
    }
}
