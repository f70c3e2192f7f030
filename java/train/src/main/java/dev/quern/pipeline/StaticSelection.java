package dev.quern.pipeline;

import java.util.BitSet;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * A static method made ready for any ratio.
 *
 * @param choice ascending sample indices for a ratio
 * @param scores [N] that it goes by, where there is one a sample
 * @param suspects samples whose label it holds to be wrong, where it says so
 */
record StaticSelection(DoubleFunction<int[]> choice, Optional<double[]> scores, Optional<BitSet> suspects) {
    static StaticSelection of(DoubleFunction<int[]> choice) {
        return new StaticSelection(choice, Optional.empty(), Optional.empty());
    }

    StaticSelection withScores(double[] scores) {
        return new StaticSelection(choice, Optional.of(scores), suspects);
    }

    StaticSelection withSuspects(BitSet suspects) {
        return new StaticSelection(choice, scores, Optional.of(suspects));
    }
}
