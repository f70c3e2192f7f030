package dev.quern.select;

import dev.quern.select.GumbelTopK.Quota;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Keeps the samples of the largest scores; of equal ones, the lower index. */
public final class ScoreRanking implements Selector {
    private final String name;
    private final double[] scores;
    private final Strata strata;

    /**
     * @param name of the method, for reports and messages
     * @param scores [N], not NaN; infinities rank as they compare
     * @param labels [N] ≥ 0
     */
    public ScoreRanking(String name, double[] scores, int[] labels, Quota quota) {
        if (scores.length != labels.length) {
            throw new IllegalArgumentException(
                    "labels has " + labels.length + " entries, allowed: " + scores.length + ", one per score");
        }
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException(name + " scores[" + i + "] is NaN, allowed: numbers");
            }
        }
        this.name = name;
        this.scores = scores.clone();
        this.strata = Strata.of(labels, quota);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int[] select(double ratio) {
        return strata.choose(Ratio.count(scores.length, ratio), (members, count) -> largest(scores, members, count));
    }

    /** Of {@code members} (ascending) the {@code count} with the largest scores, best first. */
    public static int[] largest(double[] scores, int[] members, int count) {
        return IntStream.of(members)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> 0.0 - scores[i]))
                .limit(count)
                .mapToInt(i -> i)
                .toArray();
    }
}
