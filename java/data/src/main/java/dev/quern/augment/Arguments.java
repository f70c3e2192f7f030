package dev.quern.augment;

/** Checks of the numbers that policies are made of. */
public final class Arguments {
    private Arguments() {}

    /** Requires 0 … 1. */
    public static void share(String name, double value) {
        inside(name, value, 0, 1);
    }

    /** Requires {@code low} … {@code high}. */
    public static void inside(String name, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(
                    name + " is " + plain(value) + ", allowed: " + plain(low) + " … " + plain(high));
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
