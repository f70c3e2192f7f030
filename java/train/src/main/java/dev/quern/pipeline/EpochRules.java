package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import java.util.stream.IntStream;

/**
 * What all pipelines share: how many samples an epoch sees and how they are augmented.
 *
 * @param samples in the training set
 * @param selected per epoch before annealing
 * @param selectedPolicy before annealing
 * @param annealingPolicy while annealing
 */
record EpochRules(
        int samples, int selected, Annealing annealing, AugmentPolicy selectedPolicy, AugmentPolicy annealingPolicy) {

    int sampleCount(int epoch) {
        return annealing.covers(epoch) ? samples : selected;
    }

    AugmentPolicy augment(int epoch) {
        return annealing.covers(epoch) ? annealingPolicy : selectedPolicy;
    }

    int[] all() {
        return IntStream.range(0, samples).toArray();
    }
}
