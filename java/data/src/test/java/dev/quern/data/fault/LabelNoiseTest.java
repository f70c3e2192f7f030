package dev.quern.data.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.ImageDataset;
import dev.quern.data.RelabelledDataset;
import dev.quern.data.fault.LabelNoise.Kind;
import dev.quern.data.format.ShapesDataset;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LabelNoiseTest {
    private static final ImageDataset DATA =
            ShapesDataset.generate(new ShapesDataset.Options(5000, 10, 0, 0, 0)).train();

    @ParameterizedTest
    @EnumSource
    void aShareOfTheLabelsIsWrongAndKnown(Kind kind) {
        ImageDataset noisy = new LabelNoise(kind, 0.2).of(DATA, 3);
        BitSet wrong = noisy.knownWrongLabels().orElseThrow();
        assertThat(IntStream.range(0, 5000)
                        .filter(i -> noisy.label(i) != DATA.label(i))
                        .toArray())
                .containsExactly(wrong.stream().toArray());
        assertThat(wrong.cardinality() / 5000.0).isCloseTo(0.2, within(kind == Kind.EXACT ? 1e-3 : 0.02));
    }

    @Test
    void wrongLabelsAreUniformOverTheOtherClasses() {
        int classes = DATA.classNames().size();
        ImageDataset noisy = new LabelNoise(Kind.BERNOULLI, 1).of(DATA, 3);
        int[] shifts = new int[classes];
        for (int i = 0; i < 5000; i++) {
            shifts[(noisy.label(i) - DATA.label(i) + classes) % classes]++;
        }
        double expected = 5000.0 / (classes - 1);
        assertThat(shifts[0]).isZero();
        for (int shift = 1; shift < classes; shift++) {
            assertThat((double) shifts[shift]).isCloseTo(expected, within(5 * Math.sqrt(expected)));
        }
    }

    @Test
    void theSameSeedGivesTheSameLabelsAndNoNoiseTheSameData() {
        LabelNoise noise = new LabelNoise(Kind.BERNOULLI, 0.2);
        BitSet once = noise.of(DATA, 3).knownWrongLabels().orElseThrow();
        assertThat(noise.of(DATA, 3).knownWrongLabels()).contains(once);
        assertThat(noise.of(DATA, 4).knownWrongLabels()).isPresent().get().isNotEqualTo(once);
        assertThat(LabelNoise.NONE.of(DATA, 3)).isSameAs(DATA);
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new LabelNoise(Kind.EXACT, 1.5)).hasMessage("label noise is 1.5, allowed: 0 … 1");
        assertThatThrownBy(() -> new RelabelledDataset(DATA, new int[1]))
                .hasMessage("labels has 1 entries, allowed: 5000, one per image");
    }
}
