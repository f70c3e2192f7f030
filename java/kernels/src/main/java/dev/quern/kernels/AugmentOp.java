package dev.quern.kernels;

/** The image operations of {@link FusedAugment}, with Pillow's semantics bit for bit; the code is the ordinal. */
public enum AugmentOp {
    IDENTITY(Parameter.NONE),
    AUTO_CONTRAST(Parameter.NONE),
    EQUALIZE(Parameter.NONE),
    /** Degrees, counter-clockwise about the centre. */
    ROTATE(Parameter.DEGREES),
    /** Threshold 0 … 256: values at or above it are inverted. */
    SOLARIZE(Parameter.THRESHOLD),
    /** Enhancer factor; 1 is the identity. */
    COLOR(Parameter.FACTOR),
    /** Bits kept, an integer 0 … 8. */
    POSTERIZE(Parameter.BITS),
    CONTRAST(Parameter.FACTOR),
    BRIGHTNESS(Parameter.FACTOR),
    SHARPNESS(Parameter.FACTOR),
    /** Shear factor of the output-to-input map. */
    SHEAR_X(Parameter.SHEAR),
    SHEAR_Y(Parameter.SHEAR),
    /** Pixels; positive moves the content left (Pillow's inverse map). */
    TRANSLATE_X(Parameter.PIXELS),
    /** Pixels; positive moves the content up. */
    TRANSLATE_Y(Parameter.PIXELS),
    INVERT(Parameter.NONE);

    /** What the value of an op means. */
    public enum Parameter {
        NONE,
        DEGREES,
        THRESHOLD,
        FACTOR,
        BITS,
        SHEAR,
        PIXELS
    }

    private final Parameter parameter;

    AugmentOp(Parameter parameter) {
        this.parameter = parameter;
    }

    public Parameter parameter() {
        return parameter;
    }
}
