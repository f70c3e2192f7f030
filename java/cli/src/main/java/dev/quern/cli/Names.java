package dev.quern.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Looks names up; an unknown one is an error that offers the nearest. */
final class Names {
    private Names() {}

    static <T> T find(String option, String name, T[] candidates, Function<T, String> nameOf) {
        for (T candidate : candidates) {
            if (nameOf.apply(candidate).equalsIgnoreCase(name)) {
                return candidate;
            }
        }
        var all = Arrays.stream(candidates).map(nameOf).collect(Collectors.toList());
        throw new IllegalArgumentException(
                option + " is '" + name + "', nearest: " + nearest(name, all) + "; allowed: " + String.join(", ", all));
    }

    /** A constant as it is written on the command line: lower case, dashes. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The candidate with the fewest edits to {@code name}. */
    static String nearest(String name, Collection<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(candidate -> edits(name, candidate)))
                .orElse("");
    }

    /** Levenshtein distance. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
