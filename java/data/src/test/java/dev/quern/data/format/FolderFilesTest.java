package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.SharedData;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderFilesTest {
    @TempDir
    Path folder;

    @Test
    void subfoldersTrainAndValAreTheSplits() throws IOException {
        TestImages.write(folder.resolve("train/dog/a.png"), 3, 5, 0x112233);
        TestImages.write(folder.resolve("train/cat/deep/er/b.bmp"), 8, 8, 0x445566);
        TestImages.write(folder.resolve("train/.hidden/x.png"), 8, 8, 0);
        TestImages.write(folder.resolve("val/dog/c.PNG"), 9, 9, 0x778899);
        Files.writeString(folder.resolve("train/dog/readme.txt"), "not an image");
        Splits splits = open(DatasetOptions.DEFAULT);
        assertThat(splits.train().classNames()).containsExactly("cat", "dog");
        assertThat(splits.train().size()).isEqualTo(2);
        assertThat(splits.train().label(0)).isZero();
        assertThat(IntStream.of(splits.test().height(), splits.test().width())).containsExactly(8, 8);
        assertThat(TestImages.read(splits.test(), 0)).startsWith(0x77, (byte) 0x88, (byte) 0x99);
        assertThat(splits.test().label(0)).isEqualTo(1);
    }

    @Test
    void otherwiseAShareIsHeldOutByTheSeed() throws IOException {
        for (int i = 0; i < 30; i++) {
            TestImages.write(folder.resolve("class" + i % 3 + "/" + i + ".png"), 2, 2, i);
        }
        Splits splits = open(DatasetOptions.DEFAULT.withSeed(5));
        assertThat(splits.train().size()).isEqualTo(25);
        assertThat(splits.test().size()).isEqualTo(5);
        Set<String> names = names(splits.test());
        assertThat(names).doesNotContainAnyElementsOf(names(splits.train()));
        assertThat(names(open(DatasetOptions.DEFAULT.withSeed(5)).test())).isEqualTo(names);
        assertThat(names(open(DatasetOptions.DEFAULT.withSeed(6)).test())).isNotEqualTo(names);
        assertThat(open(DatasetOptions.DEFAULT.withTestShare(0.5)).test().size())
                .isEqualTo(15);
    }

    @Test
    void imagesAreDecodedOnceOrAtEveryVisit() throws IOException {
        Path file = folder.resolve("train/cat/a.png");
        TestImages.write(file, 2, 2, 0x111111);
        TestImages.write(folder.resolve("test/cat/a.png"), 2, 2, 0);
        ImageDataset once = open(DatasetOptions.DEFAULT).train();
        ImageDataset always = open(DatasetOptions.DEFAULT.withDecoding(DatasetOptions.Decoding.AT_EVERY_VISIT))
                .train();
        TestImages.write(file, 2, 2, 0x222222);
        assertThat(TestImages.read(once, 0)).containsOnly(0x11);
        assertThat(TestImages.read(always, 0)).containsOnly(0x22);
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> open(DatasetOptions.DEFAULT)).hasMessage(folder + " holds no class folders");
        Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> open(DatasetOptions.DEFAULT))
                .hasMessageContaining("class folder " + folder.resolve("empty") + " holds no image");
        TestImages.write(folder.resolve("train/cat/a.png"), 2, 2, 0);
        TestImages.write(folder.resolve("test/cow/a.png"), 2, 2, 0);
        assertThatThrownBy(() -> open(DatasetOptions.DEFAULT)).hasMessageContaining("cow has no counterpart");
    }

    @Test
    void oneImageCannotBeSplit() throws IOException {
        TestImages.write(folder.resolve("cat/a.png"), 2, 2, 0);
        assertThatThrownBy(() -> open(DatasetOptions.DEFAULT)).hasMessageContaining("has 1 images");
    }

    @Test
    void theSmallTinyImageNetIsRead() throws IOException {
        Path data = SharedData.path("data/tiny-imagenet-small");
        Splits splits = DatasetSpec.parse("tiny-imagenet:" + data).open(DatasetOptions.DEFAULT);
        assertThat(splits.train().size()).isEqualTo(1000);
        assertThat(splits.test().size()).isEqualTo(500);
        assertThat(splits.train().height()).isEqualTo(64);
        assertThat(splits.train().classNames()).hasSize(10).startsWith("goldfish");
        assertThat(IntStream.range(0, 500).map(splits.test()::label).distinct().count())
                .isEqualTo(10);
        assertThat(splits.train().sampleName(0)).contains("n01443537");
    }

    @Test
    void tinyImageNetKeepsTheLabelsOfClassesWithoutImages() throws IOException {
        Path root = folder.resolve("tiny");
        TestImages.write(root.resolve("train/n02/images/a.png"), 4, 4, 1);
        TestImages.write(root.resolve("val/images/v.png"), 4, 4, 2);
        Files.writeString(root.resolve("wnids.txt"), "n03\nn02\nn01\n");
        Files.writeString(root.resolve("val/val_annotations.txt"), "v.png\tn02\t0\t0\t1\t1\n\n");
        Splits splits = DatasetSpec.parse("tiny-imagenet:" + root).open(DatasetOptions.DEFAULT);
        assertThat(splits.train().classNames()).containsExactly("n01", "n02", "n03");
        assertThat(splits.train().label(0)).isEqualTo(1);
        Files.writeString(root.resolve("val/val_annotations.txt"), "v.png\tn02\nv.png\tn99\n");
        assertThatThrownBy(() -> DatasetSpec.parse("tiny-imagenet:" + root).open(DatasetOptions.DEFAULT))
                .hasMessageContaining("val_annotations.txt: line 2 is");
    }

    private Splits open(DatasetOptions options) throws IOException {
        return DatasetSpec.parse("folder:" + folder).open(options);
    }

    private static Set<String> names(ImageDataset dataset) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < dataset.size(); i++) {
            names.add(dataset.sampleName(i));
        }
        return names;
    }
}
