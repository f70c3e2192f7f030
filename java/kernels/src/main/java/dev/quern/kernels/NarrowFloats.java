package dev.quern.kernels;

/** 16-bit floats by their bits; narrowing rounds to nearest, ties to even. */
public final class NarrowFloats {
    private static final int SHIFT_BFLOAT16 = 16;

    private NarrowFloats() {}

    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << SHIFT_BFLOAT16);
    }

    /** A NaN keeps being one. */
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        return (short) (bits + 0x7FFF + (bits >>> SHIFT_BFLOAT16 & 1) >>> SHIFT_BFLOAT16);
    }

    public static float float16ToFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1F;
        int mantissa = bits & 0x3FF;
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int widened = exponent == 0x1F ? 0xFF : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | widened << 23 | mantissa << 13);
    }

    /** From 65520 on infinity. Where float16 has no leading one, adding ½ rounds, and leaves the bits at the end. */
    public static short floatToFloat16(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        int magnitude = Float.floatToRawIntBits(Math.abs(value));
        if (Float.isNaN(value)) {
            return 0x7E00;
        }
        if (magnitude >= 0x477FF000) {
            return (short) (sign | 0x7C00);
        }
        if (magnitude < 0x38800000) {
            return (short) (sign | Float.floatToRawIntBits(Math.abs(value) + 0.5f) - 0x3F000000);
        }
        return (short) (sign | magnitude - 0x38000000 + 0xFFF + (magnitude >>> 13 & 1) >>> 13);
    }
}
