package dev.quern.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.data.image.Framing.Fit;
import org.junit.jupiter.api.Test;

class ImageShapeTest {
    /** Four columns of one colour each: 10, 20, 30, 40. */
    private static final RgbImage WIDE = columns(2, 10, 20, 30, 40);

    @Test
    void croppingTakesTheLargestCentre() {
        RgbImage square = new ImageShape(2, 2, Fit.CROP).of(WIDE);
        assertThat(square.pixels()).containsExactly(columns(2, 20, 30).pixels());
        RgbImage tall = new ImageShape(2, 1, Fit.CROP).of(columns(2, 10, 20, 30));
        assertThat(tall.pixels()).containsExactly(columns(2, 20).pixels());
        RgbImage flat = new ImageShape(1, 4, Fit.CROP).of(WIDE);
        assertThat(flat.pixels()).containsExactly(columns(1, 10, 20, 30, 40).pixels());
    }

    @Test
    void stretchingTakesAll() {
        RgbImage square = new ImageShape(2, 2, Fit.STRETCH).of(WIDE);
        assertThat(square.pixels())
                .containsExactly(PillowResize.resize(WIDE, 2, 2, PillowResize.Filter.BILINEAR)
                        .pixels());
        assertThat(square.pixels()[0]).isBetween((byte) 11, (byte) 19);
    }

    private static RgbImage columns(int height, int... shades) {
        byte[] pixels = new byte[height * shades.length * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) shades[i / 3 % shades.length];
        }
        return new RgbImage(pixels, height, shades.length);
    }
}
