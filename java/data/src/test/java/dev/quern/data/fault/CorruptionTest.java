package dev.quern.data.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.data.ImageDataset;
import dev.quern.data.SubsetDataset;
import dev.quern.data.TestImages;
import dev.quern.data.fault.Corruption.Mode;
import dev.quern.data.format.ShapesDataset;
import dev.quern.data.image.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CorruptionTest {
    private static final ImageDataset DATA =
            ShapesDataset.generate(new ShapesDataset.Options(200, 10, 0, 0, 0)).train();

    /** What NumPy, Pillow and OpenCV make of the pattern: src/test/python/corruption_reference.py. */
    static Stream<JsonNode> references() throws IOException {
        try (InputStream file = CorruptionTest.class.getResourceAsStream("corruptions.json")) {
            JsonNode cases = new ObjectMapper().readTree(file);
            return IntStream.range(0, cases.size()).mapToObj(cases::get);
        }
    }

    @ParameterizedTest
    @MethodSource("references")
    void thePixelsAreThoseOfTheReference(JsonNode reference) throws IOException {
        int height = reference.get("height").asInt();
        int width = reference.get("width").asInt();
        CorruptionKind kind = CorruptionKind.valueOf(upper(reference.get("kind")));
        RgbImage image = new RgbImage(TestImages.pattern(height, width), height, width);
        byte[] pixels = kind.apply(image, Mode.valueOf(upper(reference.get("mode"))), 5, 3)
                .pixels();
        if (kind == CorruptionKind.MOTION_BLUR) {
            requireNear(pixels, reference.get("pixels").binaryValue());
        } else {
            assertThat(TestImages.crc32(pixels))
                    .isEqualTo(reference.get("crc32").asText());
        }
        assertThat(image.pixels()).isEqualTo(TestImages.pattern(height, width));
    }

    private static String upper(JsonNode name) {
        return name.asText().toUpperCase(Locale.ROOT);
    }

    /** OpenCV's float32 turns few ties the other way: one level, which the stretching makes three at most. */
    private static void requireNear(byte[] pixels, byte[] expected) {
        assertThat(pixels).hasSameSizeAs(expected);
        int different = 0;
        for (int i = 0; i < pixels.length; i++) {
            int gap = Math.abs((pixels[i] & 0xFF) - (expected[i] & 0xFF));
            assertThat(gap).isLessThanOrEqualTo(3);
            different += gap > 0 ? 1 : 0;
        }
        assertThat(different).isLessThanOrEqualTo(pixels.length / 1000);
    }

    @Test
    void fogAtTheCentreIsAQuarterOfTheImageAndHalfGrey() {
        byte[] white = new byte[16 * 16 * 3];
        Arrays.fill(white, (byte) 255);
        RgbImage image = new RgbImage(white, 16, 16);
        int centre = (8 * 16 + 8) * 3;
        double shown = Math.exp(-0.4 * 4);
        assertThat(CorruptionKind.FOG.apply(image, Mode.CLEAN, 0, 0).pixels()[centre] & 0xFF)
                .isEqualTo((int) Math.rint(255 * (shown + 0.5 * (1 - shown))));
        assertThat(CorruptionKind.FOG.apply(image, Mode.LEGACY, 0, 0).pixels()).containsOnly(0);
    }

    @Test
    void oneValueBlursToBlackAndASinglePixelPassesThroughAll() {
        byte[] grey = new byte[8 * 8 * 3];
        Arrays.fill(grey, (byte) 100);
        assertThat(CorruptionKind.MOTION_BLUR
                        .apply(new RgbImage(grey, 8, 8), Mode.CLEAN, 0, 0)
                        .pixels())
                .containsOnly(0);
        for (CorruptionKind kind : CorruptionKind.values()) {
            assertThat(kind.apply(new RgbImage(new byte[3], 1, 1), Mode.CLEAN, 0, 0)
                            .pixels())
                    .hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachKindHitsAFifthOfTheShareAndTheRestStays(Mode mode) throws IOException {
        ImageDataset corrupted = new Corruption(mode, 0.25).of(DATA, 3);
        BitSet known = corrupted.knownCorruptions().orElseThrow();
        Map<CorruptionKind, Integer> counts = new EnumMap<>(CorruptionKind.class);
        for (int i = 0; i < 200; i++) {
            byte[] clean = TestImages.read(DATA, i);
            byte[] read = TestImages.read(corrupted, i);
            if (!known.get(i)) {
                assertThat(read).isEqualTo(clean);
                continue;
            }
            RgbImage image = new RgbImage(clean, DATA.height(), DATA.width());
            for (CorruptionKind kind : CorruptionKind.values()) {
                if (Arrays.equals(kind.apply(image, mode, 3, i).pixels(), read)) {
                    counts.merge(kind, 1, Integer::sum);
                }
            }
            assertThat(TestImages.read(corrupted, i)).isEqualTo(read);
        }
        assertThat(known.cardinality()).isEqualTo(50);
        assertThat(counts.values()).containsExactly(10, 10, 10, 10, 10);
    }

    @Test
    void corruptionAndLabelNoiseAreKnownTogetherAndInSubsets() {
        ImageDataset noisy = new LabelNoise(LabelNoise.Kind.EXACT, 0.2).of(DATA, 3);
        ImageDataset both = new Corruption(Mode.CLEAN, 0.1).of(noisy, 3);
        assertThat(both.knownWrongLabels()).isEqualTo(noisy.knownWrongLabels());
        ImageDataset relabelled = new LabelNoise(LabelNoise.Kind.EXACT, 0.2).of(both, 4);
        assertThat(relabelled.knownCorruptions()).isEqualTo(both.knownCorruptions());
        int[] hit = both.knownCorruptions().orElseThrow().stream().toArray();
        ImageDataset subset = new SubsetDataset("hit", both, hit);
        assertThat(subset.knownCorruptions().orElseThrow().cardinality()).isEqualTo(20);
        assertThat(DATA.knownCorruptions()).isEmpty();
    }

    @Test
    void theSameSeedHitsTheSameImagesAndNoShareIsTheSameData() {
        Corruption corruption = new Corruption(Mode.CLEAN, 0.1);
        assertThat(corruption.of(DATA, 3).knownCorruptions())
                .isEqualTo(corruption.of(DATA, 3).knownCorruptions())
                .isNotEqualTo(corruption.of(DATA, 4).knownCorruptions());
        assertThat(Corruption.NONE.of(DATA, 3)).isSameAs(DATA);
        assertThatThrownBy(() -> new Corruption(Mode.CLEAN, 1.5)).hasMessage("corruption is 1.5, allowed: 0 … 1");
    }
}
