package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongTailFilesTest {
    @TempDir
    Path folder;

    private Path train;
    private Path test;
    private Path open;

    @BeforeEach
    void lists() throws IOException {
        TestImages.write(folder.resolve("images/train/n01/a b.png"), 4, 6, 0x010101);
        TestImages.write(folder.resolve("images/val/c.png"), 9, 9, 0x020202);
        TestImages.write(folder.resolve("images/LT_open/d.png"), 5, 5, 0x030303);
        train = folder.resolve("LT_train.txt");
        test = folder.resolve("LT_test.txt");
        open = folder.resolve("LT_open.txt");
        Files.writeString(train, "train/n01/a b.png 3\n\ntrain/n01/a b.png\t0\n");
        Files.writeString(test, "val/c.png  3\n");
        Files.writeString(open, "LT_open/d.png -1\nLT_open/d.png 7\n");
    }

    @Test
    void theTrainingListDecidesClassesAndShape() throws IOException {
        Splits splits = read(spec(test));
        assertThat(splits.train().classNames()).containsExactly("0", "1", "2", "3");
        assertThat(splits.train().label(0)).isEqualTo(3);
        assertThat(splits.train().label(1)).isZero();
        assertThat(splits.test().label(0)).isEqualTo(3);
        assertThat(splits.test().width()).isEqualTo(6);
        assertThat(splits.open()).isEmpty();
    }

    @Test
    void imagesOfUnknownClassesStandBeside() throws IOException {
        Splits splits = read(spec(test) + "," + open);
        ImageDataset unknown = splits.open().orElseThrow();
        assertThat(unknown.size()).isEqualTo(2);
        assertThat(unknown.height()).isEqualTo(4);
        assertThat(unknown.classNames()).containsExactly("unknown");
        assertThat(unknown.label(1)).isZero();
        assertThat(TestImages.read(unknown, 1)).containsOnly(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            val/c.png 3;val/c.png 4 | label in line 2 is 4, allowed: 0 … 3
            val/c.png -1            | label in line 1 is -1, allowed: 0 … 3
            val/c.png 1.0           | label in line 1 is 1.0, allowed: 0 … 3
            val/c.png 99999999999   | label in line 1 is 99999999999, allowed: 0 … 3
            val/c.png               | line 1 is val/c.png, allowed: a path and a label
            """)
    void malformedListsAreRefused(String content, String words) throws IOException {
        byte[] bytes = content.replace(';', '\n').getBytes();
        Refusals.assertRefused(test, bytes, () -> read(spec(test)), words);
    }

    @Test
    void aTrainingLabelBeyondTheLimitIsRefused() throws IOException {
        Refusals.assertRefused(
                train, "a 100000".getBytes(), () -> read(spec(test)), "label in line 1 is 100000, allowed: 0 … 99999");
        Refusals.assertRefused(train, "a\0b 1".getBytes(), () -> read(spec(test)), "file name in line 1");
    }

    @Test
    void listsWithoutImagesAndLostFilesAreNamed() throws IOException {
        assertThatThrownBy(() -> read("long-tail:" + folder + "," + train + "," + test))
                .hasMessageContaining("a b.png does not exist");
        Files.writeString(test, "\n");
        assertThatThrownBy(() -> read(spec(test))).hasMessage("long-tail test holds no readable image");
        assertThatThrownBy(() -> read(spec(folder.resolve("lost.txt"))))
                .hasMessageContaining("lost.txt does not exist");
    }

    private String spec(Path testList) {
        return "long-tail:" + folder.resolve("images") + "," + train + "," + testList;
    }

    private static Splits read(String spec) throws IOException {
        return DatasetSpec.parse(spec).open(DatasetOptions.DEFAULT);
    }
}
