package dev.quern.surrogate;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * What a static method chose.
 *
 * @param ratios as asked
 * @param chosen ascending sample indices for each of them
 * @param scores [N] that it goes by, where there is one a sample
 * @param suspects samples whose label it holds to be wrong, where it says so
 * @param basis what it looked at
 * @param seconds that its choice took, by phase
 */
public record MethodSelection(
        StaticMethod method,
        List<Double> ratios,
        List<int[]> chosen,
        Optional<double[]> scores,
        Optional<BitSet> suspects,
        String basis,
        Seconds seconds) {

    /**
     * @param surrogate its training and the look at the samples; the same for all methods that share it
     * @param encoder learning of adapters or a dual encoder
     * @param alignment of images and texts
     * @param diversity distances to the nearest
     * @param scores everything else before the choice
     * @param choose all ratios
     */
    public record Seconds(
            double surrogate, double encoder, double alignment, double diversity, double scores, double choose) {
        public double total() {
            return surrogate + encoder + alignment + diversity + scores + choose;
        }
    }
}
