package dev.quern.random;

/** Slots of {@link Philox}: one per kind of draw, so that no two kinds share random numbers. 64 … 95 are free for callers. */
public final class Slot {
    public static final int SHUFFLE = 0;
    public static final int SELECTION = 1;
    public static final int HOLD_OUT = 2;
    public static final int SUBSAMPLE = 3;
    public static final int NOISE = 4;
    public static final int NOISE_LABEL = 5;
    public static final int CORRUPTION = 6;
    public static final int CORRUPTION_NOISE = 7;
    public static final int AUGMENT_OP = 8;
    public static final int AUGMENT_LEVEL = 9;
    public static final int AUGMENT_SIGN = 10;
    public static final int CROP_Y = 11;
    public static final int CROP_X = 12;
    public static final int FLIP = 13;
    public static final int PROJECTION = 14;
    public static final int SWAP = 15;
    public static final int CLASS_ORDER = 16;
    public static final int CLASS_MEMBERS = 17;
    /** First of the slots of procedural images; up to 63. */
    public static final int SHAPES = 32;

    /** First of the slots of a sample's views, 8 each; up to 127. */
    public static final int VIEWS = 96;

    private Slot() {}
}
