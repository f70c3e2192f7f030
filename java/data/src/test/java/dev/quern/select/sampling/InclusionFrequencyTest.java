package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.Seed;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How often samplers take each of twenty samples. */
class InclusionFrequencyTest {
    private static final int EPOCHS = 6000;
    private static final int[] ALL = IntStream.range(0, 20).toArray();

    private static void requireFrequency(EpochSelection selection, int[] samples, double expected) {
        int[] visits = new int[20];
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Arrays.stream(selection.select(epoch)).forEach(i -> visits[i]++);
        }
        // 5.5 standard deviations of independent draws; those without replacement deviate less.
        double most = 5.5 * Math.sqrt(expected * (1 - expected) * EPOCHS);
        assertThat(Arrays.stream(samples).mapToDouble(i -> Math.abs(visits[i] - expected * EPOCHS)))
                .allMatch(deviation -> deviation <= most);
    }

    @Test
    void randomSubsetsTakeEverySampleInTheirRatio() {
        long seed = Seed.of("randomSubsetsTakeEverySampleInTheirRatio");
        requireFrequency(new DynamicRandom(20, 0.3, seed), ALL, 0.3);
        requireFrequency(new RepeatedSampling(20, 0.3, seed), ALL, 0.3);
    }

    @Test
    void seTaLeavesOutEverySampleAsOften() {
        long seed = Seed.of("seTaLeavesOutEverySampleAsOften");
        requireFrequency(new SlidingWindow(20, new SlidingWindow.Setting(0.25, 1, 1), seed), ALL, 0.75);
    }

    /** Fifteen are below the mean; ⌊7.5⌋ of them are kept, and all of the others. */
    @Test
    void infoBatchKeepsEverySampleBelowTheMeanAsOften() {
        InfoBatch batch = new InfoBatch(20, 0.5, 1, EPOCHS, Seed.of("infoBatchKeepsEverySampleBelowTheMeanAsOften"));
        float[] losses = new float[20];
        Arrays.fill(losses, 15, 20, 9);
        batch.observe(ALL, losses);
        requireFrequency(batch, IntStream.range(0, 15).toArray(), 7 / 15.0);
        requireFrequency(batch, IntStream.range(15, 20).toArray(), 1);
    }
}
