package dev.quern.select;

import dev.quern.select.GumbelTopK.Quota;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The groups that samples are counted in: the whole data set, or its classes. */
public final class Strata {
    private final int[][] members;
    private final int samples;

    /** Chooses {@code count} of {@code members} (ascending), in any order. */
    public interface Choice {
        int[] of(int[] members, int count);
    }

    private Strata(int[][] members, int samples) {
        this.members = members;
        this.samples = samples;
    }

    /** @param labels [N] ≥ 0; only their number counts for GLOBAL */
    public static Strata of(int[] labels, Quota quota) {
        return quota == Quota.GLOBAL
                ? new Strata(new int[][] {IntStream.range(0, labels.length).toArray()}, labels.length)
                : new Strata(byClass(labels), labels.length);
    }

    /** Samples of every class, ascending. */
    public static int[][] byClass(int[] labels) {
        int classes = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new IllegalArgumentException("labels[" + i + "] is " + labels[i] + ", allowed: ≥ 0");
            }
            classes = Math.max(classes, labels[i] + 1);
        }
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int[][] members = new int[classes][];
        Arrays.setAll(members, label -> new int[counts[label]]);
        for (int i = labels.length - 1; i >= 0; i--) {
            members[labels[i]][--counts[labels[i]]] = i;
        }
        return members;
    }

    /** Chooses m samples, each group its proportional share by largest remainder; ascending. */
    public int[] choose(int m, Choice choice) {
        if (m == 0) {
            return new int[0];
        }
        int[] quotas = quotas(m);
        return IntStream.range(0, members.length)
                .filter(group -> quotas[group] > 0)
                .flatMap(group -> Arrays.stream(choice.of(members[group], quotas[group])))
                .sorted()
                .toArray();
    }

    private int[] quotas(int m) {
        int[] quotas = new int[members.length];
        Integer[] byRemainder = new Integer[members.length];
        long[] remainders = new long[members.length];
        int left = m;
        for (int group = 0; group < members.length; group++) {
            long share = (long) m * members[group].length;
            quotas[group] = (int) (share / samples);
            remainders[group] = share % samples;
            byRemainder[group] = group;
            left -= quotas[group];
        }
        Arrays.sort(byRemainder, (a, b) -> Long.compare(remainders[b], remainders[a]));
        for (int i = 0; i < left; i++) {
            quotas[byRemainder[i]]++;
        }
        return quotas;
    }
}
