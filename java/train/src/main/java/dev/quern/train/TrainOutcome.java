package dev.quern.train;

import dev.quern.train.record.LongTailMetrics;
import dev.quern.train.record.PhaseClock;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a run came to.
 *
 * @param status whether all epochs are done
 * @param epochs finished
 * @param finalAccuracy of the last evaluation, in [0, 1]; NaN if there was none
 * @param bestAccuracy of all evaluations; NaN if there was none
 * @param bestEpoch counted from 0; −1 if there was none
 * @param longTail of the last evaluation, where the data set has a long tail
 * @param visitShare visits over full data for all epochs of the configuration
 * @param forwardVisits images seen by forward passes that only serve selection or augmentation
 * @param wrongShare share of visits whose label is known to be wrong; empty where nothing is known
 * @param seconds by phase
 */
public record TrainOutcome(
        Status status,
        int epochs,
        double finalAccuracy,
        double bestAccuracy,
        int bestEpoch,
        Optional<LongTailMetrics> longTail,
        double visitShare,
        long forwardVisits,
        OptionalDouble wrongShare,
        PhaseClock seconds) {
    /** How a run ended. */
    public enum Status {
        FINISHED,
        /** Stopped by a {@link StopSignal}, with a checkpoint to resume from. */
        INTERRUPTED
    }
}
