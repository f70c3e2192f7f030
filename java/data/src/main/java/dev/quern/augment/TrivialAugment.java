package dev.quern.augment;

import dev.quern.data.Philox;
import dev.quern.data.Slot;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import java.util.List;
import java.util.Locale;

/**
 * One op per sample, its strength and its sign all uniform (Müller and Hutter 2021): 14 ops, 31 levels.
 *
 * <p>Signs are fair coins, so the direction in which a positive value moves an image does not matter.
 */
public final class TrivialAugment implements AugmentPolicy {
    /** Number of levels, from 0 up. */
    public static final int LEVELS = 31;

    private static final int TOP = LEVELS - 1;
    private static final List<AugmentOp> OPS = List.of(
            AugmentOp.IDENTITY,
            AugmentOp.AUTO_CONTRAST,
            AugmentOp.EQUALIZE,
            AugmentOp.ROTATE,
            AugmentOp.SOLARIZE,
            AugmentOp.COLOR,
            AugmentOp.POSTERIZE,
            AugmentOp.CONTRAST,
            AugmentOp.BRIGHTNESS,
            AugmentOp.SHARPNESS,
            AugmentOp.SHEAR_X,
            AugmentOp.SHEAR_Y,
            AugmentOp.TRANSLATE_X,
            AugmentOp.TRANSLATE_Y);

    /** What the levels mean. */
    public enum Space {
        /** Of the method's released code: ±30°, ±10 px, ±0.3, factors 0.1 … 1.9, and posterize down to 0 bits, a black image. */
        STANDARD,
        /** As STANDARD, with posterize from 8 down to 4 bits, as the paper states. */
        FIXED_STANDARD,
        /** Of torchvision's TrivialAugmentWide: ±135°, ±32 px, ±0.99, factors 1 ± 0.99, posterize from 8 down to 2 bits. */
        WIDE
    }

    private final Space space;

    public TrivialAugment(Space space) {
        this.space = space;
    }

    @Override
    public String name() {
        return space == Space.STANDARD
                ? "trivial"
                : "trivial-" + space.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public int chain() {
        return 1;
    }

    @Override
    public void draw(long seed, int epoch, int sample, int row, AugmentBatch batch) {
        Rows.clear(this, row, batch);
        AugmentOp op = OPS.get(Philox.uniformInt(OPS.size(), seed, epoch, sample, Slot.AUGMENT_OP));
        int level = Philox.uniformInt(LEVELS, seed, epoch, sample, Slot.AUGMENT_LEVEL);
        boolean negative = Philox.coin(seed, epoch, sample, Slot.AUGMENT_SIGN);
        batch.op(row, 0, op, value(space, op, level, negative ? -1 : 1));
    }

    /**
     * The physical value of an op; 0 for ops without one.
     *
     * @param level 0 … {@value #LEVELS} − 1
     * @param sign −1 or 1; ignored by ops that have none
     */
    public static double value(Space space, AugmentOp op, int level, int sign) {
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            default -> space == Space.WIDE ? wide(op, level, sign) : standard(space, op, level, sign);
        };
    }

    private static double standard(Space space, AugmentOp op, int level, int sign) {
        return switch (op) {
            case ROTATE -> sign * (30 * level / TOP);
            case TRANSLATE_X, TRANSLATE_Y -> sign * (10 * level / TOP);
            case SHEAR_X, SHEAR_Y -> sign * (level * 0.3 / TOP);
            case SOLARIZE -> 256 - 256 * level / TOP;
            case POSTERIZE -> (space == Space.STANDARD ? 4 : 8) - 4 * level / TOP;
            default -> level * 1.8 / TOP + 0.1;
        };
    }

    private static double wide(AugmentOp op, int level, int sign) {
        return switch (op) {
            case ROTATE -> sign * (double) spaced(0, 135, level);
            case TRANSLATE_X, TRANSLATE_Y -> sign * (int) spaced(0, 32, level);
            case SHEAR_X, SHEAR_Y -> sign * (double) spaced(0, 0.99f, level);
            case SOLARIZE -> spaced(255, 0, level);
            case POSTERIZE -> 8 - Math.rint(level / (TOP / 6.0));
            default -> 1 + sign * (double) spaced(0, 0.99f, level);
        };
    }

    /** A table entry in float32, counted from the nearer end, as PyTorch's linspace does. */
    private static float spaced(float first, float last, int level) {
        float step = (last - first) / TOP;
        return level < LEVELS / 2 ? first + step * level : last - step * (TOP - level);
    }
}
