package dev.quern.analysis;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * The rows of a set whose class has at least two.
 *
 * @param classes labels, ascending
 * @param rows of each class, ascending
 */
record ClassedRows(LabelledFeatures features, int[] classes, List<int[]> rows) {
    private static final int FEWEST = 2;

    static ClassedRows of(String name, LabelledFeatures features) {
        SortedMap<Integer, int[]> byClass = features.rowsByClass();
        byClass.values().removeIf(rows -> rows.length < FEWEST);
        if (byClass.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " has no class of " + FEWEST + " or more rows, allowed: at least one");
        }
        int[] classes = byClass.keySet().stream().mapToInt(Integer::intValue).toArray();
        return new ClassedRows(features, classes, List.copyOf(byClass.values()));
    }

    /** Every class, at most {@code most} rows of each. */
    List<Cloud> clouds(int most, long seed) {
        return rows.stream()
                .map(own -> new Cloud(features, subsample(own, most, seed, 0)))
                .toList();
    }

    /** At most {@code most} rows of all classes together. */
    int[] sample(int most, long seed, int stream) {
        int[] all = rows.stream().flatMapToInt(Arrays::stream).sorted().toArray();
        return subsample(all, most, seed, stream);
    }

    /** Places of the rows' classes in the label table, counted from {@code offset}. */
    int[] places(int[] sample, int offset) {
        Map<Integer, Integer> place = new HashMap<>();
        for (int c = 0; c < classes.length; c++) {
            place.put(classes[c], offset + c);
        }
        return Arrays.stream(sample).map(row -> place.get(features.label(row))).toArray();
    }

    /** Uniform without replacement, in ascending order. */
    private static int[] subsample(int[] rows, int most, long seed, int stream) {
        if (rows.length <= most) {
            return rows;
        }
        int[] order = Philox.permutation(seed, stream, rows.length, Slot.SUBSAMPLE);
        return IntStream.range(0, most).map(i -> rows[order[i]]).sorted().toArray();
    }
}
