package dev.quern.train;

import dev.quern.augment.AugmentPolicy;
import dev.quern.io.Tensor;
import dev.quern.nn.Network;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.train.record.PhaseClock;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Decides, epoch by epoch, which samples a network sees and how they are augmented. Called on the training thread. */
public interface Curriculum extends StepObserver {
    /** What has to be known before the first epoch; not called when a run is resumed. Its time goes to {@code clock}. */
    default void prepare(PhaseClock clock) throws IOException {}

    /** How many samples {@link #select} will give at most; the schedule counts on so many. */
    int sampleCount(int epoch);

    /** Sample indices in ascending order, drawn once per epoch before its first step; a sample is visited as often as it stands there. */
    int[] select(int epoch, Network network) throws IOException;

    /** The selected samples in the order of their visits. */
    default int[] order(int epoch, int[] selected, long seed) {
        return Philox.shuffle(selected.clone(), seed, epoch, Slot.SHUFFLE);
    }

    /** Images that {@link #select} shows to the network in that epoch, forward only. */
    default long forwardVisits(int epoch) {
        return 0;
    }

    AugmentPolicy augment(int epoch);

    /** What the losses of samples count in an epoch's mean, [samples.length] ≥ 0; empty: 1 each. */
    default Optional<float[]> weights(int epoch, int[] samples) {
        return Optional.empty();
    }

    @Override
    default void observe(Observation step) {}

    /** What {@link #select} builds on from one epoch to the next. */
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /**
     * Takes up the state of an interrupted run.
     *
     * @throws IOException naming a tensor that is missing or has the wrong shape
     */
    default void restore(Map<String, Tensor> state) throws IOException {}
}
