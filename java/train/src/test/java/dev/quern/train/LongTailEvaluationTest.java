package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.InMemoryDataset;
import dev.quern.data.Profile;
import dev.quern.train.record.Json;
import dev.quern.train.record.LongTailMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LongTailEvaluationTest {
    /** Classes of 101, 100, 20 and 19 training images. */
    private static final InMemoryDataset TRAIN = data(101, 100, 20, 19);

    /** Right: 2 of 2, 1 of 2, 1 of 4, 0 of 1. The second image is right without confidence. */
    private static final Predictions KNOWN =
            new Predictions(new int[] {0, 0, 1, 1, 2, 2, 2, 2, 3}, new int[] {0, 0, 1, 0, 2, 1, 1, 1, 2}, new float[] {
                0.9f, 0.1f, 0.125f, 0.9f, 0.5f, 0.5f, 0.05f, 0.5f, 0.5f
            });

    @Test
    void thePapersBordersAreExclusive() {
        LongTailMetrics found = new LongTailEvaluation(TRAIN, Profile.PAPER, 0.125).of(KNOWN, Optional.empty());
        assertThat(found.many().getAsDouble()).isEqualTo(1);
        assertThat(found.medium().getAsDouble()).isEqualTo((0.5 + 0.25) / 2);
        assertThat(found.few().getAsDouble()).isZero();
        assertThat(found.openF()).isEmpty();
    }

    @Test
    void theReleasedBordersAreInclusive() {
        LongTailMetrics found = new LongTailEvaluation(TRAIN, Profile.RELEASED, 0.125).of(KNOWN, Optional.empty());
        assertThat(found.many().getAsDouble()).isEqualTo((1 + 0.5) / 2);
        assertThat(found.medium()).isEmpty();
        assertThat(found.few().getAsDouble()).isEqualTo((0.25 + 0) / 2);
    }

    @Test
    void classesWithoutTestImagesDoNotCount() {
        Predictions one = new Predictions(new int[] {0}, new int[] {0}, new float[] {1});
        LongTailMetrics found = new LongTailEvaluation(TRAIN, Profile.PAPER, 0.125).of(one, Optional.empty());
        assertThat(found)
                .isEqualTo(new LongTailMetrics(
                        OptionalDouble.of(1), OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty()));
    }

    /** Found: images 0, 2 and 4 of 9. Missed: two of three unknown ones. P = 3/9, R = 3/5, F = 3/7. */
    @Test
    void theFMeasureCountsRejectedKnownImagesAsWrong() {
        Predictions unknown = new Predictions(new int[3], new int[] {1, 2, 3}, new float[] {0.125f, 0.1f, 0.8f});
        LongTailMetrics found = new LongTailEvaluation(TRAIN, Profile.PAPER, 0.125).of(KNOWN, Optional.of(unknown));
        assertThat(found.openF().getAsDouble()).isCloseTo(3.0 / 7, within(1e-12));
    }

    @Test
    void nothingFoundIsAnFMeasureOfZero() {
        Predictions unknown = new Predictions(new int[1], new int[1], new float[] {0.05f});
        LongTailMetrics found = new LongTailEvaluation(TRAIN, Profile.PAPER, 1).of(KNOWN, Optional.of(unknown));
        assertThat(found.openF().getAsDouble()).isZero();
    }

    @Test
    void metricsComeBackFromTheirJson() {
        LongTailMetrics some = new LongTailMetrics(
                OptionalDouble.of(0.5), OptionalDouble.empty(), OptionalDouble.of(0), OptionalDouble.of(0.25));
        assertThat(Json.line(some.toJson())).isEqualTo("{\"many\":0.5,\"few\":0.0,\"open_f\":0.25}");
        assertThat(LongTailMetrics.fromJson(some.toJson())).isEqualTo(some);
    }

    private static InMemoryDataset data(int... counts) {
        int[] labels = IntStream.range(0, counts.length)
                .flatMap(label -> IntStream.generate(() -> label).limit(counts[label]))
                .toArray();
        byte[][] images = new byte[labels.length][];
        Arrays.fill(images, new byte[3]);
        return new InMemoryDataset("tail", 1, 1, List.of("a", "b", "c", "d"), labels, images, null);
    }
}
