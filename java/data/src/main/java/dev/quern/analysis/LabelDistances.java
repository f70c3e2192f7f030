package dev.quern.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Distances between all classes of two sets.
 *
 * @param quirks of the released code that are kept
 */
record LabelDistances(LabelDistance distance, Set<OtddQuirk> quirks, Divergences divergences) {

    /**
     * The block matrix [[within first, across], [acrossᵀ, within second]]. Classes of equal values are one class, which makes sets of
     * equal values equally far from everything.
     */
    double[][] table(List<Cloud> first, List<Cloud> second) {
        List<Cloud> classes = new ArrayList<>(first);
        classes.addAll(second);
        int[] same = firstOfEqualValues(classes);
        Map<Long, int[]> pairs = new LinkedHashMap<>();
        for (int i = 0; i < same.length; i++) {
            for (int j = i + 1; j < same.length; j++) {
                pairs.putIfAbsent(key(same[i], same[j]), new int[] {same[i], same[j]});
            }
        }
        Map<Long, Double> values = values(classes, new ArrayList<>(pairs.values()));
        double[][] table = new double[same.length][same.length];
        for (int i = 0; i < same.length; i++) {
            for (int j = i + 1; j < same.length; j++) {
                table[i][j] = values.get(key(same[i], same[j]));
                table[j][i] = table[i][j];
            }
        }
        return table;
    }

    private static int[] firstOfEqualValues(List<Cloud> classes) {
        int[] same = new int[classes.size()];
        for (int i = 0; i < same.length; i++) {
            same[i] = i;
            for (int j = 0; j < i && same[i] == i; j++) {
                if (classes.get(j).hasValuesOf(classes.get(i))) {
                    same[i] = j;
                }
            }
        }
        return same;
    }

    private static long key(int i, int j) {
        return (long) Math.min(i, j) << 32 | Math.max(i, j);
    }

    private Map<Long, Double> values(List<Cloud> classes, List<int[]> pairs) {
        Map<Long, Double> values = new HashMap<>();
        if (distance == LabelDistance.EXACT) {
            double[] transported = transported(classes, pairs);
            for (int pair = 0; pair < transported.length; pair++) {
                values.put(key(pairs.get(pair)[0], pairs.get(pair)[1]), transported[pair]);
            }
        } else {
            moments(classes, pairs, values);
        }
        return values;
    }

    /** Debiased by half of what either class is from itself, unless the quirk keeps the bias. */
    private double[] transported(List<Cloud> classes, List<int[]> pairs) {
        double scale = quirks.contains(OtddQuirk.HALVED_LABEL_COST) ? 0.5 : 1;
        if (quirks.contains(OtddQuirk.BIASED_LABEL_DISTANCE)) {
            return divergences.ofPairs(classes, pairs, scale, Double.NaN);
        }
        double box = Box.of(classes).diameter();
        double diameter = box > 0 ? box : 1;
        List<int[]> all = new ArrayList<>(pairs);
        Map<Integer, Integer> selfs = new HashMap<>();
        for (int[] pair : pairs) {
            for (int one : pair) {
                if (selfs.putIfAbsent(one, all.size()) == null) {
                    all.add(new int[] {one, one});
                }
            }
        }
        double[] biased = divergences.ofPairs(classes, all, scale, diameter);
        double[] values = new double[pairs.size()];
        for (int pair = 0; pair < values.length; pair++) {
            int[] two = pairs.get(pair);
            values[pair] =
                    two[0] == two[1] ? 0 : biased[pair] - 0.5 * (biased[selfs.get(two[0])] + biased[selfs.get(two[1])]);
        }
        return values;
    }

    private void moments(List<Cloud> classes, List<int[]> pairs, Map<Long, Double> values) {
        Gaussian[] gaussians = new Gaussian[classes.size()];
        SymmetricMatrix[] roots = new SymmetricMatrix[classes.size()];
        for (int[] pair : pairs) {
            for (int one : pair) {
                if (gaussians[one] == null) {
                    gaussians[one] = Gaussian.of(classes.get(one));
                    roots[one] = distance == LabelDistance.BURES
                            ? gaussians[one].covariance().root()
                            : null;
                }
            }
            values.put(key(pair[0], pair[1]), pair[0] == pair[1] ? 0 : moments(gaussians, roots, pair));
        }
    }

    private double moments(Gaussian[] gaussians, SymmetricMatrix[] roots, int[] pair) {
        Gaussian one = gaussians[pair[0]];
        Gaussian other = gaussians[pair[1]];
        return switch (distance) {
            case BURES -> one.buresTo(other, roots[pair[0]]);
            case BURES_DIAGONAL -> one.diagonalBuresTo(other);
            case UPPER_BOUND -> one.upperBoundTo(other);
            case MEANS -> Math.sqrt(one.meansTo(other));
            case EXACT -> throw new IllegalStateException("exact distances have no moments");
        };
    }
}
