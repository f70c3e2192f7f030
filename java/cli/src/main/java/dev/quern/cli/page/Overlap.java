package dev.quern.cli.page;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How much choices of one size have in common.
 *
 * @param names of the choices
 * @param shares [i][j] of the samples of i that are in j too
 */
public record Overlap(List<String> names, double[][] shares) {
    /** What each two of the choices have in common. */
    public static Overlap of(List<String> names, List<int[]> choices) {
        List<BitSet> sets = choices.stream()
                .map(choice -> Arrays.stream(choice).collect(BitSet::new, BitSet::set, BitSet::or))
                .toList();
        double[][] shares = new double[sets.size()][sets.size()];
        for (int i = 0; i < shares.length; i++) {
            for (int j = 0; j < shares.length; j++) {
                BitSet both = (BitSet) sets.get(i).clone();
                both.and(sets.get(j));
                shares[i][j] = (double) both.cardinality() / sets.get(i).cardinality();
            }
        }
        return new Overlap(names, shares);
    }

    /** The shares as a picture. */
    public HeatMap heatMap() {
        return new HeatMap(names, names, shares);
    }
}
