package dev.quern.data.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.data.format.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelFileTest {
    private static final ImageDataset DATA =
            new InMemoryDataset("four", 1, 1, List.of("a", "b", "c"), new int[] {0, 1, 2, 0}, new byte[4][3], null);

    @TempDir
    private Path folder;

    @Test
    void labelsThatDifferFromTheDataAreWrong() throws IOException {
        ImageDataset read = new LabelFile(file("0\n2\r\n2\n 1 \n"), Optional.empty()).of(DATA);
        assertThat(IntStream.range(0, 4).map(read::label)).containsExactly(0, 2, 2, 1);
        assertThat(read.knownWrongLabels().orElseThrow().stream()).containsExactly(1, 3);
    }

    @Test
    void anIndexFileSaysWhichLineIsAnImages() throws IOException {
        Path index = Files.writeString(folder.resolve("index.txt"), "5\n0\n1\n5\n");
        ImageDataset read = new LabelFile(file("1\n2\n0\n0\n0\n0\n"), Optional.of(index)).of(DATA);
        assertThat(IntStream.range(0, 4).map(read::label)).containsExactly(0, 1, 2, 0);
        assertThat(read.knownWrongLabels().orElseThrow().isEmpty()).isTrue();
    }

    @Test
    void faultsComeOneUponTheOther() throws IOException {
        Faults faults = Faults.NONE
                .withLabels(new LabelFile(file("0\n2\n2\n1\n"), Optional.empty()))
                .withNoise(new LabelNoise(LabelNoise.Kind.BERNOULLI, 1))
                .withCorruption(new Corruption(Corruption.Mode.CLEAN, 0.5));
        ImageDataset faulty = faults.of(DATA, 9);
        int[] read = {0, 2, 2, 1};
        assertThat(IntStream.range(0, 4)).allMatch(i -> faulty.label(i) != read[i]);
        assertThat(faulty.knownWrongLabels().orElseThrow().get(3)).isTrue();
        assertThat(faulty.knownCorruptions().orElseThrow().cardinality()).isEqualTo(2);
        assertThat(Faults.NONE.of(DATA, 9)).isSameAs(DATA);
    }

    @Test
    void badFilesAreNamed() throws IOException {
        refuses("0\n1\n2\n", "number of lines is 3, allowed: 4, one per image of four");
        refuses("0\n1\n2\n3\n", "number 4 is 3, allowed: 0 … 2");
        refuses("0\n1\n2\n-1\n", "number 4 is -1, allowed: 0 … 2");
        refuses("0\n1.5\n2\n0\n", "number 2 is 1.5, allowed: 0 … 2");
        Path index = Files.writeString(folder.resolve("index.txt"), "0\n1\n2\n4\n");
        LabelFile beyond = new LabelFile(file("0\n1\n2\n0\n"), Optional.of(index));
        assertThatThrownBy(() -> beyond.of(DATA))
                .isInstanceOf(IOException.class)
                .hasMessage(index + ": number 4 is 4, allowed: 0 … 3");
    }

    private void refuses(String text, String message) throws IOException {
        Path labels = file(text);
        assertThatThrownBy(() -> new LabelFile(labels, Optional.empty()).of(DATA))
                .isInstanceOf(IOException.class)
                .hasMessage(labels + ": " + message);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("labels.txt"), text);
    }

    /** Wei et al. report 9.03 % of wrong labels in the aggregate and 17.23 % in random 1. */
    @Test
    void theHumanLabelsOfTheSmallCifarAreWrongAsOftenAsReported() throws IOException {
        Path shared = Path.of(System.getProperty("quern.shared", "../../../shared"), "data");
        Path small = shared.resolve("cifar-10-small");
        assumeTrue(
                Files.exists(small),
                "skipped: data/cifar-10-small is not beside the repository (-Dquern.shared=FOLDER)");
        ImageDataset cifar = DatasetSpec.parse("cifar10:" + small.resolve("cifar-10-batches-bin"))
                .open(DatasetOptions.DEFAULT)
                .train();
        Optional<Path> index = Optional.of(small.resolve("train_index.txt"));
        Path human = shared.resolve("cifar-10n");
        assertThat(wrong(new LabelFile(human.resolve("CIFAR-10_human_clean_label.txt"), index).of(cifar)))
                .isZero();
        assertThat(wrong(new LabelFile(human.resolve("CIFAR-10_human_aggre_label.txt"), index).of(cifar)))
                .isCloseTo(0.0903, within(0.015));
        assertThat(wrong(new LabelFile(human.resolve("CIFAR-10_human_random_label1.txt"), index).of(cifar)))
                .isCloseTo(0.1723, within(0.015));
    }

    private static double wrong(ImageDataset data) {
        return data.knownWrongLabels().orElseThrow().cardinality() / (double) data.size();
    }
}
