package dev.quern.augment.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.SharedData;
import dev.quern.data.Profile;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MagnitudeSpaceTest {
    private static final int SIDE = 32;

    @Test
    void aMagnitudeIsTheLevelAboveItAndNeverZero() {
        assertThat(MagnitudeSpace.level(0)).isEqualTo(1);
        assertThat(MagnitudeSpace.level(1)).isEqualTo(29);
        assertThat(MagnitudeSpace.level((float) (28 / 29.0))).isIn(28, 29);
        assertThat(MagnitudeSpace.level(0.9655)).isEqualTo(28);
        assertThat(MagnitudeSpace.level(0.9656)).isEqualTo(29);
        assertThat(MagnitudeSpace.level(0.5f)).isEqualTo(15);
        for (int level = 1; level <= 29; level++) {
            assertThat(MagnitudeSpace.level((level - 0.5) / 29)).isEqualTo(level);
        }
    }

    @Test
    void theReleasedTablesAreThoseOfTheReleasedCode() {
        assertThat(levels(AugmentOp.ROTATE))
                .containsExactly(
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                        27, 28, 30);
        assertThat(levels(AugmentOp.TRANSLATE_X))
                .containsExactly(
                        0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 10);
        assertThat(levels(AugmentOp.SOLARIZE))
                .containsExactly(
                        248, 239, 230, 221, 212, 204, 195, 186, 177, 168, 159, 151, 142, 133, 124, 115, 106, 98, 89, 80,
                        71, 62, 53, 45, 36, 27, 18, 9, 0);
        assertThat(levels(AugmentOp.POSTERIZE))
                .containsExactly(4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0);
        assertThat(levels(AugmentOp.SHEAR_X)[14]).isCloseTo(0.15517, within(1e-5));
        assertThat(MagnitudeSpace.RELEASED.value(AugmentOp.COLOR, 0, 1)).isCloseTo(0.1621, within(1e-4));
        assertThat(MagnitudeSpace.RELEASED.value(AugmentOp.COLOR, 0.5, -1)).isCloseTo(1.0310, within(1e-4));
        assertThat(MagnitudeSpace.RELEASED.value(AugmentOp.COLOR, 1, 1)).isCloseTo(1.9, within(1e-12));
        assertThat(MagnitudeSpace.RELEASED.value(AugmentOp.ROTATE, 0.5, -1)).isEqualTo(-15);
    }

    @Test
    void theIntendedScaleIsContinuousAndGrowsFromTheIdentity() {
        MagnitudeSpace space = MagnitudeSpace.PAPER;
        assertThat(space.value(AugmentOp.BRIGHTNESS, 0.5, -1)).isEqualTo(0.55);
        assertThat(space.value(AugmentOp.POSTERIZE, 1, 1)).isEqualTo(4);
        assertThat(space.value(AugmentOp.SOLARIZE, 0.25, 1)).isEqualTo(192);
        assertThat(space.value(AugmentOp.ROTATE, 0.01, -1)).isEqualTo(-0.3, within(1e-12));
        assertThat(new MagnitudeSpace(Profile.PAPER, 70).value(AugmentOp.TRANSLATE_Y, 0.5, 1))
                .isEqualTo(35);
    }

    @Test
    void magnitudeZeroLeavesEveryImageAsItIsOnTheIntendedScale() {
        for (AugmentOp op : MagnitudeSpace.OPS) {
            if (op != AugmentOp.AUTO_CONTRAST && op != AugmentOp.EQUALIZE) {
                for (int sign : new int[] {-1, 1}) {
                    assertThat(applied(op, MagnitudeSpace.PAPER.value(op, 0, sign)))
                            .as("%s %d", op, sign)
                            .isEqualTo(image());
                }
            }
        }
    }

    @Test
    void everyReleasedLevelGivesPillowsChecksum() throws IOException {
        Path file = SharedData.path("golden/pillow_12.3.0_crc32.json");
        assumeThat(file).as("Pillow checksums in the shared data").exists();
        Map<String, String> checksums = checksums(file);
        for (AugmentOp op : MagnitudeSpace.OPS) {
            for (int level = 0; level <= MagnitudeSpace.TOP; level++) {
                for (int sign : new int[] {-1, 1}) {
                    String key = "A32/" + op.name().toLowerCase(Locale.ROOT) + "/L" + level + (sign < 0 ? "/-" : "/+");
                    double value = level == 0
                            ? MagnitudeSpace.RELEASED.valueAtLevel(op, 0, sign)
                            : MagnitudeSpace.RELEASED.value(op, (level - 0.5) / MagnitudeSpace.TOP, sign);
                    assertThat(crc32(applied(op, value))).as(key).isEqualTo(checksums.get(key));
                }
            }
        }
    }

    @Test
    void aTranslationBeyondTheLargestImageIsRefused() {
        assertThatThrownBy(() -> new MagnitudeSpace(Profile.PAPER, 0)).hasMessage("translate is 0, allowed: 1 … 16384");
    }

    private static double[] levels(AugmentOp op) {
        return IntStream.rangeClosed(1, MagnitudeSpace.TOP)
                .mapToDouble(level -> MagnitudeSpace.RELEASED.value(op, (level - 0.5) / MagnitudeSpace.TOP, 1))
                .toArray();
    }

    private static byte[] image() {
        byte[] pixels = new byte[SIDE * SIDE * 3];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                for (int c = 0; c < 3; c++) {
                    int value = 37 * x + 91 * y + 53 * c + 7 * ((x * y) % 29) + (c + 1) * ((x * x + 3 * y) % 17);
                    pixels[(y * SIDE + x) * 3 + c] = (byte) value;
                }
            }
        }
        return pixels;
    }

    private static byte[] applied(AugmentOp op, double value) {
        try (Engine engine = Engine.open();
                NativeBuffer in = NativeBuffer.copyOf(image(), 1, SIDE, SIDE, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 1, SIDE, SIDE, 3);
                AugmentBatch batch = new AugmentBatch(1, 1)) {
            batch.op(0, 0, op, value);
            FusedAugment.UINT8.apply(engine, in, batch, out);
            return out.toBytes();
        }
    }

    private static String crc32(byte[] bytes) {
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(bytes);
        return String.format("%08x", crc.getValue());
    }

    private static Map<String, String> checksums(Path file) throws IOException {
        Map<String, String> checksums = new HashMap<>();
        try (JsonParser json = new JsonFactory().createParser(Files.readString(file))) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING) {
                    checksums.put(json.currentName(), json.getText());
                }
            }
        }
        return checksums;
    }
}
