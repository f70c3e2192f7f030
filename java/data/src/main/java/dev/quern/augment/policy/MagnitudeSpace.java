package dev.quern.augment.policy;

import dev.quern.data.Profile;
import dev.quern.kernels.AugmentOp;
import java.util.List;

/**
 * The 14 ops of AdaAugment and EntAugment (Yang et al. 2024) and what a magnitude in [0, 1], their one knob, means for each.
 *
 * @param profile paper: continuous; magnitude 0 leaves an image as it is, but for auto-contrast and equalize, which have no strength. Released:
 *     levels 1 … {@value #TOP}; enhancers run from 0.16 through the identity to 1.9 and posterize from 4 bits to none, so that the weakest magnitude
 *     is not the weakest distortion
 * @param translate pixels of the largest translation, 1 … 16384; 10 for 32×32 images
 */
public record MagnitudeSpace(Profile profile, int translate) {
    /** Equally likely. */
    public static final List<AugmentOp> OPS = List.of(
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

    /** The strongest level of the released code. */
    public static final int TOP = 29;

    public static final MagnitudeSpace RELEASED = new MagnitudeSpace(Profile.RELEASED, 10);
    public static final MagnitudeSpace PAPER = new MagnitudeSpace(Profile.PAPER, 10);

    private static final int MOST_PIXELS = 16_384;

    public MagnitudeSpace {
        if (translate < 1 || translate > MOST_PIXELS) {
            throw new IllegalArgumentException("translate is " + translate + ", allowed: 1 … " + MOST_PIXELS);
        }
    }

    /** The level of a magnitude in [0, 1]: 1 … {@value #TOP}. */
    public static int level(double magnitude) {
        return Math.min((int) (TOP * magnitude) + 1, TOP);
    }

    /**
     * The physical value of an op; 0 for ops without one.
     *
     * @param magnitude in [0, 1]
     * @param sign −1 or 1; ignored by ops that have none
     */
    public double value(AugmentOp op, double magnitude, int sign) {
        return profile == Profile.RELEASED ? released(op, level(magnitude), sign) : continuous(op, magnitude, sign);
    }

    /** The physical value of an op at a level 0 … {@value #TOP}, in the paper's profile the magnitude {@code level}/{@value #TOP}. */
    public double valueAtLevel(AugmentOp op, int level, int sign) {
        return profile == Profile.RELEASED ? released(op, level, sign) : continuous(op, (double) level / TOP, sign);
    }

    private double released(AugmentOp op, int level, int sign) {
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case ROTATE -> sign * (30 * level / TOP);
            case TRANSLATE_X, TRANSLATE_Y -> sign * (translate * level / TOP);
            case SHEAR_X, SHEAR_Y -> sign * (level * 0.3 / TOP);
            case SOLARIZE -> 256 - 256 * level / TOP;
            case POSTERIZE -> 4 - 4 * level / TOP;
            case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS -> level * 1.8 / TOP + 0.1;
        };
    }

    private double continuous(AugmentOp op, double magnitude, int sign) {
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case ROTATE -> sign * 30 * magnitude;
            case TRANSLATE_X, TRANSLATE_Y -> sign * translate * magnitude;
            case SHEAR_X, SHEAR_Y -> sign * 0.3 * magnitude;
            case SOLARIZE -> 256 - 256 * magnitude;
            case POSTERIZE -> 8 - Math.rint(4 * magnitude);
            case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS -> 1 + sign * 0.9 * magnitude;
        };
    }
}
