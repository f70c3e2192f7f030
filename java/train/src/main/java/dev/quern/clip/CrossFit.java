package dev.quern.clip;

import dev.quern.random.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Splits samples into folds, each of which is scored by a model that learned from the others only.
 *
 * @param learned ascending indices that the fold's model learns from
 * @param scored ascending indices that it scores
 */
public record CrossFit(int[] learned, int[] scored) {
    /** Slot of {@link Philox} for the assignment. */
    private static final int FOLDS = 72;

    /** The only fold of a model that scores the samples it learns from. */
    static CrossFit whole(int samples) {
        int[] all = IntStream.range(0, samples).toArray();
        return new CrossFit(all, all);
    }

    /**
     * Random folds of equal size, up to one.
     *
     * @param folds 2 … {@code samples}
     */
    public static CrossFit[] folds(int samples, int folds, long seed) {
        if (folds < 2 || folds > samples) {
            throw new IllegalArgumentException("folds is " + folds + ", allowed: 2 … " + samples);
        }
        int[] order = Philox.permutation(seed, 0, samples, FOLDS);
        int[] foldOf = new int[samples];
        for (int place = 0; place < samples; place++) {
            foldOf[order[place]] = place % folds;
        }
        CrossFit[] result = new CrossFit[folds];
        Arrays.setAll(
                result,
                fold -> new CrossFit(
                        IntStream.range(0, samples)
                                .filter(i -> foldOf[i] != fold)
                                .toArray(),
                        IntStream.range(0, samples)
                                .filter(i -> foldOf[i] == fold)
                                .toArray()));
        return result;
    }
}
