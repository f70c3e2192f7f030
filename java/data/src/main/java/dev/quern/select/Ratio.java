package dev.quern.select;

/** Selection ratios. */
public final class Ratio {
    private Ratio() {}

    /** round(ratio·samples), at least 1. */
    public static int count(int samples, double ratio) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples is " + samples + ", allowed: ≥ 1");
        }
        if (!(ratio > 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio is " + ratio + ", allowed: above 0, at most 1");
        }
        return (int) Math.max(1, Math.round(samples * ratio));
    }
}
