package dev.quern.augment.policy;

import dev.quern.augment.Arguments;
import dev.quern.kernels.AugmentOp;
import java.util.List;

/**
 * The standard spaces of TrivialAugment's released code (Müller and Hutter 2021): ±30°, ±10 px, ±0.3, factors 0.1 … 1.9.
 *
 * @param levels number of levels, ≥ 2; 31 in the paper, 30 in AdaAugment's released code
 * @param translation most pixels of a translation; 10, or 70 for ImageNet
 */
public record TrivialSpace(Posterize posterize, int levels, int translation) implements OpSpace {
    /** What posterize keeps. */
    public enum Posterize {
        /** From 4 bits down to 0, a black image, as the released code does. */
        FOUR_DOWN_TO_NONE,
        /** From 8 bits down to 4, as the paper states. */
        EIGHT_DOWN_TO_FOUR
    }

    public TrivialSpace {
        Arguments.inside("levels", levels, 2, 1000);
        Arguments.inside("translation", translation, 0, 1000);
    }

    @Override
    public List<AugmentOp> ops() {
        return OpLists.TRIVIAL;
    }

    @Override
    public double value(AugmentOp op, int level, int sign, int height, int width) {
        int top = levels - 1;
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case ROTATE -> sign * (30 * level / top);
            case TRANSLATE_X, TRANSLATE_Y -> sign * (translation * level / top);
            case SHEAR_X, SHEAR_Y -> sign * (level * 0.3 / top);
            case SOLARIZE -> 256 - 256 * level / top;
            case POSTERIZE -> (posterize == Posterize.FOUR_DOWN_TO_NONE ? 4 : 8) - 4 * level / top;
            default -> level * 1.8 / top + 0.1;
        };
    }
}
