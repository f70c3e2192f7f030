package dev.quern.cli.terminal;

import dev.quern.data.NearestName;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Looks names up; an unknown one is an error that offers the nearest. */
public final class Names {
    private Names() {}

    /** The candidate of that name, in any case. */
    public static <T> T find(String option, String name, T[] candidates, Function<T, String> nameOf) {
        for (T candidate : candidates) {
            if (nameOf.apply(candidate).equalsIgnoreCase(name)) {
                return candidate;
            }
        }
        var all = Arrays.stream(candidates).map(nameOf).collect(Collectors.toList());
        throw new IllegalArgumentException(option + " is '" + name + "', nearest: " + NearestName.of(name, all)
                + "; allowed: " + String.join(", ", all));
    }

    /** A constant as it is written on the command line: lower case, dashes. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
