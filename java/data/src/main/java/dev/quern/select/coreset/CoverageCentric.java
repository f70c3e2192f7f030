package dev.quern.select.coreset;

import dev.quern.select.Checks;
import dev.quern.select.GumbelTopK;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.Selector;
import dev.quern.select.Strata;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Coverage-centric coreset selection, CCS (Zheng et al. 2023): drops the hardest samples, cuts the range of the other difficulties into strata
 * of equal width, and shares the budget among them so that small strata are kept whole.
 */
public final class CoverageCentric implements Selector {
    private final double[] difficulty;
    private final double dropped;
    private final int strata;
    private final long seed;
    private final int[] labels;
    private final Quota quota;

    /** Counts over all classes together, as published. */
    public CoverageCentric(double[] difficulty, double dropped, int strata, long seed) {
        this(difficulty, dropped, strata, seed, new int[difficulty.length], Quota.GLOBAL);
    }

    /**
     * @param difficulty [N] finite, larger is harder; the paper takes −{@link dev.quern.select.score.LearningScores#areaUnderMargin}
     * @param dropped share β of the hardest samples that is left out, in [0, 1)
     * @param strata ≥ 1; the paper takes 50
     * @param labels [N] ≥ 0
     * @param quota CLASS_BALANCED: strata of their own for each class, after the hardest of all were left out
     */
    public CoverageCentric(double[] difficulty, double dropped, int strata, long seed, int[] labels, Quota quota) {
        Checks.requireFinite("difficulty", difficulty);
        if (labels.length != difficulty.length) {
            throw new IllegalArgumentException(
                    "labels has " + labels.length + " entries, allowed: " + difficulty.length);
        }
        requireShare(dropped);
        if (strata < 1) {
            throw new IllegalArgumentException("strata is " + strata + ", allowed: ≥ 1");
        }
        this.difficulty = difficulty.clone();
        this.dropped = dropped;
        this.strata = strata;
        this.seed = seed;
        this.labels = labels.clone();
        this.quota = quota;
    }

    @Override
    public String name() {
        return "ccs";
    }

    @Override
    public int[] select(double ratio) {
        int count = Ratio.count(difficulty.length, ratio);
        int[] kept = easiest(difficulty, dropped, count);
        int[] ofKept = Arrays.stream(kept).map(i -> labels[i]).toArray();
        return Strata.of(ofKept, quota)
                .choose(
                        count,
                        (places, share) -> cover(
                                Arrays.stream(places).map(place -> kept[place]).toArray(), share));
    }

    private int[] cover(int[] candidates, int count) {
        int[][] members = strata(candidates);
        Integer[] bySize = IntStream.range(0, strata).boxed().toArray(Integer[]::new);
        Arrays.sort(bySize, Comparator.comparingInt(stratum -> members[stratum].length));
        GumbelTopK uniform = GumbelTopK.global(seed);
        double[] weights = new double[difficulty.length];
        IntStream.Builder chosen = IntStream.builder();
        int left = count;
        for (int place = 0; place < strata; place++) {
            int[] stratum = members[bySize[place]];
            int share = Math.min(stratum.length, left / (strata - place));
            Arrays.stream(stratum).forEach(i -> weights[i] = 1);
            Arrays.stream(uniform.choose(weights, new int[0], share, 0)).forEach(chosen::add);
            Arrays.stream(stratum).forEach(i -> weights[i] = 0);
            left -= share;
        }
        return chosen.build().toArray();
    }

    static void requireShare(double dropped) {
        if (!(dropped >= 0 && dropped < 1)) {
            throw new IllegalArgumentException("dropped is " + dropped + ", allowed: 0 up to below 1");
        }
    }

    /** All but the ⌊dropped·N⌋ hardest; of equal ones the higher index goes. */
    static int[] easiest(double[] difficulty, double dropped, int count) {
        int kept = difficulty.length - (int) (dropped * difficulty.length);
        if (count > kept) {
            throw new IllegalArgumentException("ratio asks for " + count + " samples, allowed: at most " + kept
                    + ", what is left after dropping a share of " + dropped);
        }
        return IntStream.range(0, difficulty.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> difficulty[i]))
                .limit(kept)
                .mapToInt(i -> i)
                .sorted()
                .toArray();
    }

    private int[][] strata(int[] kept) {
        double low = Arrays.stream(kept).mapToDouble(i -> difficulty[i]).min().orElseThrow();
        double high = Arrays.stream(kept).mapToDouble(i -> difficulty[i]).max().orElseThrow();
        int[] labels = Arrays.stream(kept)
                .map(i ->
                        high == low ? 0 : Math.min(strata - 1, (int) (strata * ((difficulty[i] - low) / (high - low)))))
                .toArray();
        int[][] members = new int[strata][0];
        int[][] found = Strata.byClass(labels);
        for (int stratum = 0; stratum < found.length; stratum++) {
            members[stratum] =
                    Arrays.stream(found[stratum]).map(place -> kept[place]).toArray();
        }
        return members;
    }
}
