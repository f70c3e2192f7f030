package dev.quern.augment.policy;

import dev.quern.kernels.AugmentOp;
import java.util.List;

/**
 * The spaces of torchvision's automatic augmentations, number for number: tables in float32, linear in the level, signs for all but posterize
 * and solarize, translations cut to whole pixels.
 */
public enum TorchvisionSpace implements OpSpace {
    /** AutoAugment (Cubuk et al. 2019). */
    AUTO_AUGMENT(10, 0.3f, 150.0 / 331, 30, 0.9f, 8, 4),
    /** RandAugment (Cubuk et al. 2020). */
    RAND_AUGMENT(31, 0.3f, 150.0 / 331, 30, 0.9f, 8, 4),
    /** TrivialAugmentWide (Müller and Hutter 2021): translations up to 32 pixels whatever the size. */
    TRIVIAL_WIDE(31, 0.99f, 0, 135, 0.99f, 8, 6),
    /** AugMix (Hendrycks et al. 2020), of which the lowest levels are used. */
    AUG_MIX(10, 0.3f, 1.0 / 3, 30, 0.9f, 4, 4);

    private static final int WIDE_PIXELS = 32;

    private final int levels;
    private final float shear;
    private final double translation;
    private final float degrees;
    private final float enhancement;
    private final int mostBits;
    private final int bitsLost;

    /** @param translation most, as a share of the side; 0: {@value #WIDE_PIXELS} pixels */
    TorchvisionSpace(
            int levels, float shear, double translation, float degrees, float enhancement, int mostBits, int bitsLost) {
        this.levels = levels;
        this.shear = shear;
        this.translation = translation;
        this.degrees = degrees;
        this.enhancement = enhancement;
        this.mostBits = mostBits;
        this.bitsLost = bitsLost;
    }

    @Override
    public List<AugmentOp> ops() {
        return switch (this) {
            case AUTO_AUGMENT -> OpLists.AUTO_AUGMENT;
            case RAND_AUGMENT, TRIVIAL_WIDE -> OpLists.TORCHVISION;
            case AUG_MIX -> OpLists.AUG_MIX;
        };
    }

    @Override
    public int levels() {
        return levels;
    }

    /** A positive translation moves the content right or down: the kernel's map, from output to input, has the opposite sign. */
    @Override
    public double value(AugmentOp op, int level, int sign, int height, int width) {
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case SHEAR_X, SHEAR_Y -> sign * (double) spaced(0, shear, level);
            case TRANSLATE_X -> -sign * (int) spaced(0, furthest(width), level);
            case TRANSLATE_Y -> -sign * (int) spaced(0, furthest(height), level);
            case ROTATE -> sign * (double) spaced(0, degrees, level);
            case SOLARIZE -> spaced(255, 0, level);
            case POSTERIZE -> mostBits - (int) Math.rint(level / ((levels - 1) / (float) bitsLost));
            default -> 1 + sign * (double) spaced(0, enhancement, level);
        };
    }

    private float furthest(int side) {
        return (float) (translation == 0 ? WIDE_PIXELS : translation * side);
    }

    /** A table entry in float32, counted from the nearer end with one rounding, as PyTorch's linspace does where the processor has FMA. */
    private float spaced(float first, float last, int level) {
        float step = (last - first) / (levels - 1);
        return level < levels / 2 ? Math.fma(step, level, first) : Math.fma(-step, levels - 1 - level, last);
    }
}
