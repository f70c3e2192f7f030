package dev.quern.augment.policy;

import static dev.quern.kernels.AugmentOp.*;

import dev.quern.kernels.AugmentOp;
import java.util.List;

/** The ops of the spaces, in the order in which their published code lists them. */
final class OpLists {
    static final List<AugmentOp> AUTO_AUGMENT = List.of(
            SHEAR_X,
            SHEAR_Y,
            TRANSLATE_X,
            TRANSLATE_Y,
            ROTATE,
            BRIGHTNESS,
            COLOR,
            CONTRAST,
            SHARPNESS,
            POSTERIZE,
            SOLARIZE,
            AUTO_CONTRAST,
            EQUALIZE,
            INVERT);

    static final List<AugmentOp> TORCHVISION = List.of(
            IDENTITY,
            SHEAR_X,
            SHEAR_Y,
            TRANSLATE_X,
            TRANSLATE_Y,
            ROTATE,
            BRIGHTNESS,
            COLOR,
            CONTRAST,
            SHARPNESS,
            POSTERIZE,
            SOLARIZE,
            AUTO_CONTRAST,
            EQUALIZE);

    static final List<AugmentOp> AUG_MIX = List.of(
            SHEAR_X,
            SHEAR_Y,
            TRANSLATE_X,
            TRANSLATE_Y,
            ROTATE,
            POSTERIZE,
            SOLARIZE,
            AUTO_CONTRAST,
            EQUALIZE,
            BRIGHTNESS,
            COLOR,
            CONTRAST,
            SHARPNESS);

    static final List<AugmentOp> TRIVIAL = List.of(
            IDENTITY,
            AUTO_CONTRAST,
            EQUALIZE,
            ROTATE,
            SOLARIZE,
            COLOR,
            POSTERIZE,
            CONTRAST,
            BRIGHTNESS,
            SHARPNESS,
            SHEAR_X,
            SHEAR_Y,
            TRANSLATE_X,
            TRANSLATE_Y);

    private OpLists() {}
}
