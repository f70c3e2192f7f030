package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NarrowFloatsTest {
    @Test
    void everyFloat16AndBfloat16ComesBackFromItsFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float half = NarrowFloats.float16ToFloat((short) bits);
            float brain = NarrowFloats.bfloat16ToFloat((short) bits);
            assertThat(NarrowFloats.floatToFloat16(half)).isEqualTo(Float.isNaN(half) ? 0x7E00 : (short) bits);
            assertThat(NarrowFloats.floatToBfloat16(brain)).isEqualTo(Float.isNaN(brain) ? 0x7FC0 : (short) bits);
        }
    }

    @Test
    void narrowingTakesTheNearestAndOfTwoTheEven() {
        assertThat(half(1 + 0x1p-11f)).isEqualTo(1);
        assertThat(half(1 + 0x1p-11f + 0x1p-20f)).isEqualTo(1 + 0x1p-10f);
        assertThat(half(1 + 3 * 0x1p-11f)).isEqualTo(1 + 0x1p-9f);
        assertThat(half(-0x1p-25f)).isEqualTo(-0f);
        assertThat(half(3 * 0x1p-25f)).isEqualTo(0x1p-23f);
        assertThat(half(65519)).isEqualTo(65504);
        assertThat(half(-65520)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(brain(1 + 0x1p-8f)).isEqualTo(1);
        assertThat(brain(1 + 3 * 0x1p-8f)).isEqualTo(1 + 0x1p-6f);
        assertThat(brain(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    }

    private static float half(float value) {
        return NarrowFloats.float16ToFloat(NarrowFloats.floatToFloat16(value));
    }

    private static float brain(float value) {
        return NarrowFloats.bfloat16ToFloat(NarrowFloats.floatToBfloat16(value));
    }
}
