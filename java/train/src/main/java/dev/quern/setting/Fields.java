package dev.quern.setting;

import java.util.Locale;

/** Checks of configuration fields; messages name the field, its value and what is allowed. */
public final class Fields {
    private Fields() {}

    /** Requires {@code least} or more. */
    public static void atLeast(String field, long value, long least) {
        require(field, value, value >= least, "≥ " + least);
    }

    /** Above {@code low} and at most {@code high}. */
    public static void shareAbove(String field, double value, double low, double high) {
        require(field, value, value > low && value <= high, "above " + low + ", at most " + high);
    }

    /** At least {@code low} and below {@code high}. */
    public static void shareBelow(String field, double value, double low, double high) {
        require(field, value, value >= low && value < high, low + " up to below " + high);
    }

    /** An enum's constant as it is written in files. */
    public static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Refuses what is not valid. */
    public static void require(String field, Object value, boolean valid, String allowed) {
        if (!valid) {
            throw new IllegalArgumentException(field + " is " + value + ", allowed: " + allowed);
        }
    }
}
