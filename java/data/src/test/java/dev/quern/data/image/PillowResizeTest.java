package dev.quern.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.data.TestImages;
import dev.quern.data.image.PillowResize.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PillowResizeTest {
    /** CRC-32 of Pillow 12.3.0's resize((width, height), …) of the 33×47 pattern: resize_reference.py. */
    @ParameterizedTest
    @CsvSource({
        "32,32,98768c05,a4594720",
        "64,64,6dc9659e,c9e78595",
        "20,16,7d5eff42,da8f058d",
        "10,47,bb928f39,0d8e3a06",
        "33,90,8e435355,829f0ec8",
        "1,1,ef609abc,51f8ae51",
        "100,5,57f617d0,80a16125",
        "224,224,ac0ca947,f1ee1557",
        "300,31,f66f6273,c23a763e"
    })
    void theBytesArePillows(int height, int width, String bilinear, String bicubic) {
        RgbImage image = new RgbImage(TestImages.pattern(33, 47), 33, 47);
        RgbImage resized = PillowResize.resize(image, height, width, Filter.BILINEAR);
        assertThat(resized.height()).isEqualTo(height);
        assertThat(resized.width()).isEqualTo(width);
        assertThat(TestImages.crc32(resized.pixels())).isEqualTo(bilinear);
        assertThat(TestImages.crc32(PillowResize.resize(image, height, width, Filter.BICUBIC)
                        .pixels()))
                .isEqualTo(bicubic);
    }

    @Test
    void theSameSizeIsTheSameImage() {
        RgbImage image = new RgbImage(TestImages.pattern(8, 9), 8, 9);
        assertThat(PillowResize.resize(image, 8, 9, Filter.BICUBIC)).isSameAs(image);
    }
}
