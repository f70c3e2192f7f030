package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShapesDatasetTest {
    private static final ShapesDataset.Options SMALL = ShapesDataset.Options.DEFAULT.withSizes(600, 200);

    @Test
    void theSameSeedGivesTheSameBytes() throws IOException {
        ImageDataset once = ShapesDataset.generate(SMALL.withSeed(7)).train();
        ImageDataset again = ShapesDataset.generate(SMALL.withSeed(7)).train();
        ImageDataset other = ShapesDataset.generate(SMALL.withSeed(8)).train();
        int same = 0;
        for (int i = 0; i < once.size(); i++) {
            assertThat(TestImages.read(again, i)).isEqualTo(TestImages.read(once, i));
            same += Arrays.equals(TestImages.read(other, i), TestImages.read(once, i)) ? 1 : 0;
        }
        assertThat(same).isZero();
        assertThat(again.knownWrongLabels()).isEqualTo(once.knownWrongLabels());
    }

    /** Recorded once; a change of any byte of the data set must be meant. */
    @Test
    void theBytesAreThoseOfEveryMachine() throws IOException {
        ImageDataset train = ShapesDataset.generate(SMALL).train();
        byte[] all = new byte[100 * train.imageBytes()];
        ByteBuffer target = ByteBuffer.wrap(all);
        for (int i = 0; i < 100; i++) {
            train.read(i, target);
        }
        assertThat(TestImages.crc32(all)).isEqualTo("259b75f7");
    }

    @Test
    void theKnownWrongLabelsAreExactlyTheChangedOnes() {
        Splits splits = ShapesDataset.generate(SMALL);
        BitSet wrong = splits.train().knownWrongLabels().orElseThrow();
        assertThat(wrong.cardinality()).isEqualTo(48);
        for (int i = 0; i < splits.train().size(); i++) {
            assertThat(splits.train().label(i) != i % 10).isEqualTo(wrong.get(i));
        }
        assertThat(splits.test().knownWrongLabels().orElseThrow().isEmpty()).isTrue();
        assertThat(IntStream.range(0, 200)).allMatch(i -> splits.test().label(i) == i % 10);
    }

    @Test
    void aShareOfWrongLabelsOfZeroAndOneIsKept() {
        ShapesDataset.Options clean = new ShapesDataset.Options(50, 10, 0.3, 0, 1);
        ShapesDataset.Options garbled = new ShapesDataset.Options(50, 10, 0.3, 1, 1);
        assertThat(ShapesDataset.generate(clean)
                        .train()
                        .knownWrongLabels()
                        .orElseThrow()
                        .isEmpty())
                .isTrue();
        assertThat(ShapesDataset.generate(garbled)
                        .train()
                        .knownWrongLabels()
                        .orElseThrow()
                        .cardinality())
                .isEqualTo(50);
    }

    @Test
    void classesAreBalancedAndNamed() {
        ImageDataset test = ShapesDataset.generate(SMALL).test();
        assertThat(test.classNames()).hasSize(10).startsWith("disc", "square").endsWith("crescent");
        for (int label = 0; label < 10; label++) {
            int wanted = label;
            assertThat(IntStream.range(0, 200)
                            .filter(i -> test.label(i) == wanted)
                            .count())
                    .isEqualTo(20);
        }
    }

    @Test
    void theWholeSetHasSixThousandImagesToLearnFromAndOneThousandToTest() {
        Splits splits = ShapesDataset.generate(ShapesDataset.Options.DEFAULT);
        assertThat(splits.train().size()).isEqualTo(6000);
        assertThat(splits.test().size()).isEqualTo(1000);
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> SMALL.withSizes(0, 1)).hasMessage("train is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new ShapesDataset.Options(1, 1, 0, 1.5, 0)).hasMessageContaining("wrongShare is 1.5");
        assertThatThrownBy(() -> new ShapesDataset.Options(1, 1, Double.NaN, 0, 0))
                .hasMessageContaining("hardShare");
    }
}
