package dev.quern.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.quern.Refusals;
import dev.quern.Seed;
import dev.quern.SharedData;
import dev.quern.data.TestImages;
import dev.quern.io.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDecoderTest {
    @TempDir
    Path folder;

    /** Written by Pillow 12.3.0; expected are the bytes of its convert("RGB"). */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            alpha is dropped        | iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGM4kWLEwCUi1wAAC1ECG14EJOwAAAAASUVORK5CYII= | c864320a141e
            grey with alpha         | iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR4nGPwZTjxHwADyAIVsBixUQAAAABJRU5ErkJggg== | 4d4d4dc8c8c8
            grey keeps its values   | iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAAAAAA+i0toAAAADElEQVR4nGNg8D0BAAFmARY57hvbAAAAAElFTkSuQmCC | 0000004d4d4dc8c8c8
            palette with alpha      | iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAQMAAADO7O3JAAAABlBMVEUJCAfIZAMo66OeAAAAAXRSTlMAQObYZgAAAApJREFUeJxjcAAAAEIAQSk39O8AAAAASUVORK5CYII= | 090807c86403
            16 bits keep the upper  | iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGMQMvl3BwADwQIhDeNHMgAAAABJRU5ErkJggg== | 121212fefefe
            one bit                 | iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAQAAAADcWUInAAAACklEQVR4nGNwAAAAQgBBKTf07wAAAABJRU5ErkJggg== | 000000ffffff
            """)
    void storedSamplesBecomeRgb(String what, String png, String expected) throws IOException {
        Path file = folder.resolve("image.png");
        Files.write(file, Base64.getDecoder().decode(png));
        RgbImage image = ImageDecoder.decode(file);
        assertThat(HexFormat.of().formatHex(image.pixels())).isEqualTo(expected);
        assertThat(ImageDecoder.size(file)).containsExactly(1, expected.length() / 6);
    }

    @ParameterizedTest
    @CsvSource({"png", "bmp", "gif", "jpg"})
    void everyFormatIsRead(String extension) throws IOException {
        Path file = folder.resolve("image." + extension);
        TestImages.write(file, 5, 7, 0x40A0C0);
        RgbImage image = ImageDecoder.decode(file);
        assertThat(image.height()).isEqualTo(5);
        assertThat(image.width()).isEqualTo(7);
        for (int i = 0; i < image.pixels().length; i++) {
            assertThat(image.pixels()[i] & 0xFF).isCloseTo(new int[] {0x40, 0xA0, 0xC0}[i % 3], offset(2));
        }
    }

    /** CRC-32 of Pillow 12.3.0's convert("RGB"); the first is a grey JPEG. */
    @ParameterizedTest
    @CsvSource({
        "train/n01770393/images/n01770393_146.JPEG,beaa7b72",
        "train/n01443537/images/n01443537_100.JPEG,0bc3d9a4",
        "train/n01742172/images/n01742172_100.JPEG,01ae7bad",
        "val/images/val_1088.JPEG,fee2890c"
    })
    void jpegsHavePillowsPixels(String file, String crc) throws IOException {
        Path image =
                SharedData.path("data/tiny-imagenet-small/tiny-imagenet-200").resolve(file);
        assertThat(TestImages.crc32(ImageDecoder.decode(image).pixels())).isEqualTo(crc);
    }

    @Test
    void aJpegIsDecodedByLibjpegTurboAsByImageIo() throws IOException {
        try (Stream<Path> files = Files.walk(SharedData.path("data/tiny-imagenet-small/tiny-imagenet-200/val"))) {
            for (Path file : files.filter(name -> name.toString().endsWith(".JPEG"))
                    .limit(200)
                    .toList()) {
                byte[] bytes = Files.readAllBytes(file);
                RgbImage image = JpegDecoder.decode(file, bytes).orElseThrow();
                RgbImage expected = ImageDecoder.decodeByImageIo(file, bytes);
                assertThat(TestImages.crc32(image.pixels()))
                        .as(file.toString())
                        .isEqualTo(TestImages.crc32(expected.pixels()));
            }
        }
    }

    @Test
    void aJpegBombIsRefusedByItsHeader() throws IOException {
        Path file = folder.resolve("bomb.jpg");
        byte[] bytes = jpeg(file);
        ImageDecoder.decode(file);
        int frame = frameHeader(bytes);
        for (int[] size : new int[][] {{16_384, 16_384}, {1, 16_385}, {65_500, 65_500}}) {
            ByteBuffer.wrap(bytes).putShort(frame + 5, (short) size[0]).putShort(frame + 7, (short) size[1]);
            Refusals.assertRefused(file, bytes, () -> ImageDecoder.decode(file), "size is " + size[0] + "×" + size[1]);
        }
    }

    @Test
    void aDamagedJpegIsReadOrRefusedButNeverHarms() throws IOException {
        Path file = folder.resolve("image.jpg");
        byte[] whole = jpeg(file);
        Random random = new Random(Seed.of("damage"));
        for (int trial = 0; trial < 300; trial++) {
            byte[] damaged = Arrays.copyOf(whole, trial % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int k = 0; k < 3 && damaged.length > 0; k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Files.write(file, damaged);
            try {
                RgbImage image = ImageDecoder.decode(file);
                assertThat(image.pixels()).hasSize(image.height() * image.width() * 3);
            } catch (MalformedFileException refused) {
                assertThat(refused).hasMessageContaining("image.jpg");
            }
        }
    }

    private static byte[] jpeg(Path file) throws IOException {
        TestImages.write(file, 48, 40, 0x40A0C0);
        return Files.readAllBytes(file);
    }

    /** Where the marker of the baseline frame begins; its size follows 5 bytes later. */
    private static int frameHeader(byte[] jpeg) {
        int at = 2;
        while ((jpeg[at + 1] & 0xFF) != 0xC0) {
            at += 2 + ByteBuffer.wrap(jpeg).getShort(at + 2);
        }
        return at;
    }

    @Test
    void aPixelBombIsRefusedByItsHeader() throws IOException {
        Path file = folder.resolve("bomb.png");
        Refusals.assertRefused(
                file,
                pngHeader(30_000, 30_000),
                () -> ImageDecoder.decode(file),
                "size is 30000×30000",
                "16384 a side");
        Refusals.assertRefused(file, pngHeader(16_384, 16_384), () -> ImageDecoder.decode(file), "67108864 pixels");
        Refusals.assertRefused(file, pngHeader(1, 16_385), () -> ImageDecoder.decode(file), "size is 16385×1");
        Refusals.assertRefused(file, pngHeader(Integer.MAX_VALUE, 1), () -> ImageDecoder.decode(file), file.toString());
        Refusals.assertRefused(file, pngHeader(-1, 1), () -> ImageDecoder.decode(file), file.toString());
        Refusals.assertRefused(file, pngHeader(0, 1), () -> ImageDecoder.decode(file), file.toString());
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        Path file = folder.resolve("image.png");
        Refusals.assertRefused(file, new byte[0], () -> ImageDecoder.decode(file), "format is unknown");
        Refusals.assertRefused(
                file,
                "<svg/>".getBytes(StandardCharsets.US_ASCII),
                () -> ImageDecoder.decode(file),
                "format is unknown");
    }

    @ParameterizedTest
    @CsvSource({"png", "bmp", "gif"})
    void aCutImageIsRefused(String extension) throws IOException {
        Path file = folder.resolve("image." + extension);
        TestImages.write(file, 40, 40, 0x123456);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {1, 10, 20, whole.length / 2}) {
            Refusals.assertRefused(file, Arrays.copyOf(whole, length), () -> ImageDecoder.decode(file));
        }
    }

    private static byte[] pngHeader(int width, int height) {
        ByteBuffer chunk = ByteBuffer.allocate(17)
                .put("IHDR".getBytes(StandardCharsets.US_ASCII))
                .putInt(width)
                .putInt(height);
        chunk.put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(chunk.array());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13});
        bytes.writeBytes(chunk.array());
        bytes.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return bytes.toByteArray();
    }
}
