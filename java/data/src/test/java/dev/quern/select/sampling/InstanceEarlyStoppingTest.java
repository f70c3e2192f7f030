package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InstanceEarlyStoppingTest {
    private static final int[] ALL = {0, 1, 2};

    /** Sample 0 falls evenly, sample 1 bends by 0.3 three epochs ago, sample 2 bends by 0.6, then by 0.3 twice. */
    private static InstanceEarlyStopping fiveEpochs(double threshold) {
        InstanceEarlyStopping stopping = new InstanceEarlyStopping(3, threshold);
        float[][] losses = {{5, 5, 5}, {4, 4, 4.4f}, {3, 3.3f, 4.4f}, {2, 2.6f, 4.7f}, {1, 1.9f, 4.7f}};
        for (float[] epoch : losses) {
            assertThat(stopping.select(0)).containsExactly(ALL);
            stopping.observe(ALL, epoch);
            assertThat(stopping.unobserved()).isEmpty();
        }
        return stopping;
    }

    @Test
    void samplesWhoseLossHasSettledAreLeftOut() {
        assertThat(fiveEpochs(0.05).select(5)).containsExactly(1, 2);
        assertThat(fiveEpochs(0.11).select(5)).containsExactly(2);
        assertThat(fiveEpochs(0.39).select(5)).containsExactly(2);
        assertThat(fiveEpochs(0).select(5)).containsExactly(ALL);
    }

    @Test
    void ifAllHaveSettledTheOneThatMovesMostStays() {
        assertThat(fiveEpochs(0.41).select(5)).containsExactly(2);
    }

    @Test
    void whatIsLeftOutIsFollowedAndComesBack() {
        InstanceEarlyStopping stopping = fiveEpochs(0.05);
        stopping.observe(new int[] {1, 2}, new float[] {1.2f, 4.7f});
        assertThat(stopping.unobserved()).containsExactly(0);
        stopping.observe(new int[] {0}, new float[] {0.5f});
        assertThat(stopping.unobserved()).isEmpty();
        assertThat(stopping.select(6)).containsExactly(0, 2);
    }

    /** Against all second differences of a whole record, averaged in float64. */
    @Test
    void theRuleIsThatOfTheWholeRecord() {
        Random random = new Random(Seed.of("theRuleIsThatOfTheWholeRecord"));
        int samples = 50;
        int epochs = 12;
        float[][] record = new float[epochs][samples];
        InstanceEarlyStopping stopping = new InstanceEarlyStopping(samples, 0.5);
        int[] all = IntStream.range(0, samples).toArray();
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (int i = 0; i < samples; i++) {
                record[epoch][i] = random.nextFloat();
            }
            stopping.observe(all, record[epoch]);
            int now = epoch;
            int[] expected = Arrays.stream(all)
                    .filter(i -> now < 4
                            || IntStream.rangeClosed(now - 2, now)
                                            .mapToDouble(e -> Math.abs(
                                                    (double) record[e][i] - 2 * record[e - 1][i] + record[e - 2][i]))
                                            .average()
                                            .orElseThrow()
                                    >= 0.5)
                    .toArray();
            assertThat(stopping.select(epoch + 1)).containsExactly(expected);
        }
    }

    @Test
    void aRestoredOneGoesOnTheSame() {
        InstanceEarlyStopping stopping = fiveEpochs(0.05);
        stopping.observe(new int[] {1}, new float[] {1.2f});
        InstanceEarlyStopping restored = new InstanceEarlyStopping(3, 0.05);
        restored.restore(stopping.state());
        assertThat(restored.select(6)).containsExactly(stopping.select(6));
        assertThat(restored.unobserved()).containsExactly(0, 2);
        assertThatThrownBy(() -> restored.restore(new double[3])).hasMessage("state has 3 entries, allowed: 18");
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new InstanceEarlyStopping(0, 1)).hasMessage("samples is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new InstanceEarlyStopping(1, -1))
                .hasMessage("threshold is -1.0, allowed: finite, ≥ 0");
    }
}
