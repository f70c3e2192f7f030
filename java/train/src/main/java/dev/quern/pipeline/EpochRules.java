package dev.quern.pipeline;

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
record EpochRules(
        int samples,
        int selected,
        Annealing annealing,
        IntFunction<AugmentPolicy> selectedPolicy,
        AugmentPolicy annealingPolicy) {

    int sampleCount(int epoch) {
        return annealing.covers(epoch) ? samples : selected;
    }

    AugmentPolicy augment(int epoch) {
        return annealing.covers(epoch) ? annealingPolicy : selectedPolicy.apply(epoch);
    }

    int[] all() {
        return IntStream.range(0, samples).toArray();
    }
}
