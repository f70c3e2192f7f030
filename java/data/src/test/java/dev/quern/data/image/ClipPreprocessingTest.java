package dev.quern.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.TestImages;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipPreprocessingTest {
    /** CRC-32 of the pattern image resized by Pillow 12.3.0 and cut as torchvision cuts: resize_reference.py. */
    @ParameterizedTest
    @CsvSource({
        "32,32,224,5b71f137",
        "64,64,224,af8f3202",
        "33,47,224,124f6478",
        "500,375,224,b3087905",
        "375,500,224,e6f3c0f9",
        "300,300,224,52d88e51",
        "224,224,224,ce234040",
        "57,32,31,2fe06273",
        "7,300,64,09597230",
        "640,427,336,348ee4f3",
        "149,100,100,65cac004"
    })
    void thePixelsAreThoseOfPillowAtAnySize(int height, int width, int side, String crc) {
        byte[] pixels = new ClipPreprocessing(height, width, side).pixels(TestImages.pattern(height, width));
        assertThat(TestImages.crc32(pixels)).isEqualTo(crc);
    }

    @Test
    void pixelsAreNormalisedByChannelInPlanes() {
        FloatBuffer target = FloatBuffer.allocate(2 * 12);
        ClipPreprocessing preprocessing = new ClipPreprocessing(2, 2, 2);
        preprocessing.apply(new byte[] {0, 51, (byte) 255, 102, 0, 0, 0, 0, 0, 0, 0, 0}, target);
        assertThat(target.position()).isEqualTo(12);
        float[] mean = {0.48145466f, 0.4578275f, 0.40821073f};
        float[] deviation = {0.26862954f, 0.26130258f, 0.27577711f};
        assertThat(target.get(0)).isCloseTo((0 - mean[0]) / deviation[0], within(1e-6f));
        assertThat(target.get(1)).isCloseTo((0.4f - mean[0]) / deviation[0], within(1e-6f));
        assertThat(target.get(4)).isCloseTo((0.2f - mean[1]) / deviation[1], within(1e-6f));
        assertThat(target.get(8)).isCloseTo((1 - mean[2]) / deviation[2], within(1e-6f));
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        assertThatThrownBy(() -> new ClipPreprocessing(4, 0, 8)).hasMessageContaining("4×0");
        assertThatThrownBy(() -> new ClipPreprocessing(4, 4, 8).apply(new byte[47], FloatBuffer.allocate(192)))
                .hasMessage("image has 47 bytes, allowed: 48");
    }
}
