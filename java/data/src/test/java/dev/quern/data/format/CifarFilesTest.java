package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import dev.quern.SharedData;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
    private static final int RECORD = 3073;

    @TempDir
    Path folder;

    @Test
    void recordsComeInTheOrderOfTheFilesAndPlanesBecomePixels() throws IOException {
        Files.write(folder.resolve("data_batch_2.bin"), records(1, 3, 5));
        Files.write(folder.resolve("data_batch_10.bin"), records(1, 9));
        Files.write(folder.resolve("data_batch_1.bin"), records(1, 7));
        Files.write(folder.resolve("test_batch.bin"), records(1, 2));
        Splits splits = open("cifar10");
        assertThat(IntStream.range(0, 4).map(splits.train()::label)).containsExactly(7, 3, 5, 9);
        assertThat(splits.train().classNames()).startsWith("0", "1").hasSize(10);
        assertThat(splits.test().size()).isEqualTo(1);
        byte[] image = TestImages.read(splits.train(), 0);
        byte[] record = records(1, 7);
        assertThat(image).startsWith(record[1], record[1 + 1024], record[1 + 2048], record[2], record[2 + 1024]);
        assertThat(image).endsWith(record[1024], record[2048], record[3072]);
        assertThat(splits.train().knownWrongLabels()).isEmpty();
    }

    @Test
    void malformedBatchesAreRefused() throws IOException {
        Path train = folder.resolve("data_batch_1.bin");
        Files.write(folder.resolve("test_batch.bin"), records(1, 0));
        for (int length : new int[] {0, 1, RECORD - 1, RECORD + 1, 2 * RECORD - 1}) {
            Refusals.assertRefused(train, new byte[length], () -> open("cifar10"), "size is " + length, "3073");
        }
        Refusals.assertRefused(
                train, records(1, 0, 4, 10), () -> open("cifar10"), "label of record 2 is 10, allowed: 0 … 9");
        Refusals.assertRefused(train, records(1, 255), () -> open("cifar10"), "label of record 0 is 255");
    }

    @Test
    void malformedCifar100IsRefused() throws IOException {
        Files.write(folder.resolve("test.bin"), records(2, 0));
        Path train = folder.resolve("train.bin");
        Refusals.assertRefused(
                train, records(2, 99, 100), () -> open("cifar100"), "label of record 1 is 100, allowed: 0 … 99");
        byte[] coarse = records(2, 5);
        coarse[0] = 20;
        Refusals.assertRefused(
                train, coarse, () -> open("cifar100"), "coarse label of record 0 is 20, allowed: 0 … 19");
        Refusals.assertRefused(train, records(1, 5), () -> open("cifar100"), "3074");
    }

    @Test
    void classNamesMustBeAsManyAsClasses() throws IOException {
        Files.write(folder.resolve("data_batch_1.bin"), records(1, 0));
        Files.write(folder.resolve("test_batch.bin"), records(1, 0));
        Path names = folder.resolve("batches.meta.txt");
        Refusals.assertRefused(
                names, "cat\ndog\n".getBytes(), () -> open("cifar10"), "number of class names is 2, allowed: 10");
        Refusals.assertRefused(names, new byte[] {(byte) 0xC3, 0x28}, () -> open("cifar10"), "UTF-8");
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        assertThatThrownBy(() -> open("cifar10")).hasMessage("cifar10: " + folder + " holds no data_batch_*.bin");
        Files.write(folder.resolve("data_batch_1.bin"), records(1, 0));
        assertThatThrownBy(() -> open("cifar10")).hasMessageContaining("test_batch.bin does not exist");
        assertThatThrownBy(() ->
                        DatasetSpec.parse("cifar10:" + folder.resolve("none")).open(DatasetOptions.DEFAULT))
                .hasMessageContaining("none is not a folder");
    }

    @Test
    void theSmallCifar10IsRead() throws IOException {
        Path data = SharedData.path("data/cifar-10-small");
        Splits splits = DatasetSpec.parse("cifar10:" + data).open(DatasetOptions.DEFAULT);
        assertThat(splits.train().classNames())
                .startsWith("airplane", "automobile")
                .hasSize(10);
        assertThat(splits.train().size())
                .isEqualTo(Files.readAllLines(data.resolve("train_index.txt")).size());
        assertThat(splits.test().size())
                .isEqualTo(Files.readAllLines(data.resolve("test_index.txt")).size());
        assertThat(meanLevel(splits.train())).isBetween(115.0, 127.0);
    }

    @Test
    void theSmallCifar100IsRead() throws IOException {
        Path data = SharedData.path("data/cifar-100-small/cifar-100-binary");
        Splits splits = DatasetSpec.parse("cifar100:" + data).open(DatasetOptions.DEFAULT);
        List<String> names = splits.train().classNames();
        assertThat(names).startsWith("apple", "aquarium_fish").hasSize(100);
        assertThat(IntStream.range(0, splits.train().size())
                        .map(splits.train()::label)
                        .distinct()
                        .count())
                .isEqualTo(100);
    }

    private Splits open(String kind) throws IOException {
        return DatasetSpec.parse(kind + ":" + folder).open(DatasetOptions.DEFAULT);
    }

    private static double meanLevel(ImageDataset dataset) throws IOException {
        long sum = 0;
        for (int i = 0; i < 500; i++) {
            for (byte level : TestImages.read(dataset, i)) {
                sum += level & 0xFF;
            }
        }
        return sum / (500.0 * dataset.imageBytes());
    }

    private static byte[] records(int labelBytes, int... labels) {
        int record = labelBytes + 3072;
        byte[] bytes = new byte[record * labels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 1024);
        }
        for (int i = 0; i < labels.length; i++) {
            bytes[i * record] = 0;
            bytes[i * record + labelBytes - 1] = (byte) labels[i];
        }
        return bytes;
    }
}
