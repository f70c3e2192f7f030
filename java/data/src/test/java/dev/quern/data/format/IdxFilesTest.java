package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.Refusals;
import dev.quern.SharedData;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdxFilesTest {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

    @TempDir
    Path folder;

    private Path images;
    private Path labels;

    @BeforeEach
    void labelsOfTwoImages() throws IOException {
        images = folder.resolve("images.idx");
        labels = folder.resolve("labels.idx");
        Files.write(labels, idx(LABELS, new byte[] {1, 3}, 2));
    }

    @Test
    void greyBecomesRgb() throws IOException {
        Files.write(images, idx(IMAGES, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1}, 2, 2, 3));
        ImageDataset set = IdxFiles.open(images, labels);
        assertThat(set.height()).isEqualTo(2);
        assertThat(set.width()).isEqualTo(3);
        assertThat(set.classNames()).containsExactly("0", "1", "2", "3");
        assertThat(set.label(1)).isEqualTo(3);
        assertThat(TestImages.read(set, 1)).startsWith(7, 7, 7, 8, 8, 8).endsWith(11, 11, 11, -1, -1, -1);
    }

    @Test
    void compressedFilesAreToldByTheirContent() throws IOException {
        byte[] plain = idx(IMAGES, new byte[2 * 28 * 28], 2, 28, 28);
        Files.write(images, gzip(plain));
        assertThat(IdxFiles.open(images, labels).size()).isEqualTo(2);
    }

    static Stream<Arguments> malformedImagesAreRefused() {
        byte[] data = new byte[12];
        byte[] good = idx(IMAGES, data, 2, 2, 3);
        byte[] cutGzip = gzip(good);
        byte[] badSum = gzip(good);
        badSum[badSum.length - 8] ^= 1;
        return Stream.of(
                hostile("empty", new byte[0], "cut"),
                hostile("cut magic", new byte[3], "cut"),
                hostile("magic 0", idx(0, data, 2, 2, 3), "magic is 0x00000000, allowed: 0x00000803"),
                hostile("magic of labels", idx(LABELS, data, 12), "magic is 0x00000801"),
                hostile("floats", idx(0xD03, data, 2, 2, 3), "magic is 0x00000d03"),
                hostile("rank 4", idx(0x804, data, 2, 2, 3, 1), "magic is 0x00000804"),
                hostile("cut header", Arrays.copyOf(good, 11), "cut"),
                hostile("count 0", idx(IMAGES, data, 0, 2, 3), "length of dimension 0 is 0"),
                hostile("count −1", idx(IMAGES, data, -1, 2, 3), "length of dimension 0 is 4294967295"),
                hostile("height −1", idx(IMAGES, data, 2, -1, 3), "length of dimension 1"),
                hostile("width 0", idx(IMAGES, data, 2, 2, 0), "length of dimension 2 is 0"),
                hostile("largest lengths", idx(IMAGES, data, 0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF), "data is 12 bytes"),
                hostile("count off by one", idx(IMAGES, data, 3, 2, 3), "data is 12 bytes", "18 bytes"),
                hostile(
                        "fewer images than labels",
                        idx(IMAGES, new byte[6], 1, 2, 3),
                        "number of images is 1, allowed: 2"),
                hostile("width off by one", idx(IMAGES, data, 2, 2, 4), "data is 12 bytes", "16 bytes"),
                hostile("truncated", Arrays.copyOf(good, good.length - 1), "data is 11 bytes"),
                hostile("trailing byte", Arrays.copyOf(good, good.length + 1), "data is 13 bytes"),
                hostile("side above the limit", idx(IMAGES, new byte[2 * 16385], 2, 1, 16385), "width is 16385"),
                hostile("cut gzip", Arrays.copyOf(cutGzip, cutGzip.length - 9), "cut or damaged"),
                hostile("cut gzip header", Arrays.copyOf(cutGzip, 5), "cut or damaged"),
                hostile("wrong gzip checksum", badSum, "damaged"),
                hostile("gzip of nothing", gzip(new byte[0]), "cut"),
                hostile("compressed trailing byte", gzip(Arrays.copyOf(good, good.length + 1)), "longer"),
                hostile(
                        "compressed bomb",
                        gzip(idx(IMAGES, data, 2, 16000, 16000)),
                        "data is 512000000 bytes, by its header"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformedImagesAreRefused(String what, byte[] content, String[] words) throws IOException {
        Refusals.assertRefused(images, content, () -> IdxFiles.open(images, labels), words);
    }

    @Test
    void malformedLabelsAreRefused() throws IOException {
        Files.write(images, idx(IMAGES, new byte[12], 2, 2, 3));
        Refusals.assertRefused(labels, idx(IMAGES, new byte[1], 1, 1, 1), () -> IdxFiles.open(images, labels), "magic");
        Refusals.assertRefused(
                labels, idx(LABELS, new byte[1], 2), () -> IdxFiles.open(images, labels), "data is 1 bytes");
        Refusals.assertRefused(
                labels, idx(LABELS, new byte[2], 0x7FFFFFFF), () -> IdxFiles.open(images, labels), "data is 2 bytes");
        Refusals.assertRefused(
                labels,
                gzip(idx(LABELS, new byte[2], 0x7FFFFFFF)),
                () -> IdxFiles.open(images, labels),
                "by its header");
    }

    @ParameterizedTest
    @CsvSource({"mnist,28,10000", "fashion-mnist,28,10000", "usps,16,2007"})
    void theDigitSetsAreRead(String name, int side, int size) throws IOException {
        Path digits = SharedData.path("data/digits");
        Splits splits = DatasetSpec.parse("idx:" + digits.resolve(name + "-t10k-images-idx3-ubyte.gz") + ","
                        + digits.resolve(name + "-t10k-labels-idx1-ubyte.gz"))
                .open(DatasetOptions.DEFAULT);
        assertThat(splits.train().height()).isEqualTo(side);
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(size);
        assertThat(splits.test().size()).isEqualTo(Math.round(size / 6.0));
        assertThat(splits.train().classNames()).hasSize(10);
    }

    private static Arguments hostile(String what, byte[] content, String... words) {
        return Arguments.of(what, content, words);
    }

    private static byte[] idx(int magic, byte[] data, int... lengths) {
        ByteBuffer bytes =
                ByteBuffer.allocate(4 + 4 * lengths.length + data.length).putInt(magic);
        for (int length : lengths) {
            bytes.putInt(length);
        }
        return bytes.put(data).array();
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }
}
