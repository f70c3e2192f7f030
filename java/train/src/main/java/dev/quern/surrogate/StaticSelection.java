package dev.quern.surrogate;

import dev.quern.clip.ClipSelection;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * A static method made ready for any ratio.
 *
 * @param choice ascending sample indices for a ratio
 * @param scores [N] that it goes by, where there is one a sample
 * @param suspects samples whose label it holds to be wrong, where it says so
 * @param seconds that its scores took, where it counts by phase
 */
record StaticSelection(
        DoubleFunction<int[]> choice,
        Optional<double[]> scores,
        Optional<BitSet> suspects,
        Optional<ClipSelection.Seconds> seconds) {
    static StaticSelection of(DoubleFunction<int[]> choice) {
        return new StaticSelection(choice, Optional.empty(), Optional.empty(), Optional.empty());
    }

    StaticSelection withScores(double[] scores) {
        return new StaticSelection(choice, Optional.of(scores), suspects, seconds);
    }

    StaticSelection withSuspects(BitSet suspects) {
        return new StaticSelection(choice, scores, Optional.of(suspects), seconds);
    }

    StaticSelection withSeconds(ClipSelection.Seconds seconds) {
        return new StaticSelection(choice, scores, suspects, Optional.of(seconds));
    }
}
