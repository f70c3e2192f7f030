package dev.quern.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BilinearResizeTest {
    /** CRC-32 of Pillow 12.3.0's resize((width, height), BILINEAR) of the 33×47 pattern. */
    @ParameterizedTest
    @CsvSource({
        "32,32,98768c05",
        "64,64,6dc9659e",
        "20,16,7d5eff42",
        "10,47,bb928f39",
        "33,90,8e435355",
        "1,1,ef609abc",
        "100,5,57f617d0"
    })
    void theBytesArePillows(int height, int width, String crc) {
        RgbImage resized = BilinearResize.resize(new RgbImage(TestImages.pattern(33, 47), 33, 47), height, width);
        assertThat(resized.height()).isEqualTo(height);
        assertThat(resized.width()).isEqualTo(width);
        assertThat(TestImages.crc32(resized.pixels())).isEqualTo(crc);
    }

    @Test
    void theSameSizeIsTheSameImage() {
        RgbImage image = new RgbImage(TestImages.pattern(8, 9), 8, 9);
        assertThat(BilinearResize.resize(image, 8, 9)).isSameAs(image);
    }
}
