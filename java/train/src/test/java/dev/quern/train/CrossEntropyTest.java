package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossEntropyTest {
    private static final int BATCH = 9;
    private static final int CLASSES = 5;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.7})
    void smoothedLossEqualsItsDefinitionInFloat64(double smoothing) {
        long seed = Long.getLong("seed", 11);
        Random random = new Random(seed);
        float[] logits = new float[BATCH * CLASSES];
        long[] labels = new long[BATCH];
        double expected = 0;
        for (int i = 0; i < BATCH; i++) {
            double total = 0;
            for (int c = 0; c < CLASSES; c++) {
                logits[i * CLASSES + c] = (float) (4 * random.nextGaussian());
                total += Math.exp(logits[i * CLASSES + c]);
            }
            labels[i] = random.nextInt(CLASSES);
            for (int c = 0; c < CLASSES; c++) {
                double target = smoothing / CLASSES + (c == labels[i] ? 1 - smoothing : 0);
                expected -= target * (logits[i * CLASSES + c] - Math.log(total)) / BATCH;
            }
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor loss =
                    new CrossEntropy(smoothing, 0).loss(torch.tensor(logits).view(BATCH, CLASSES), torch.tensor(labels));
            assertThat(loss.item_double()).as("-Dseed=%d", seed).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void smoothingOutsideItsRangeIsRefused() {
        assertThatThrownBy(() -> new CrossEntropy(1, 0)).hasMessage("smoothing is 1.0, allowed: 0 up to below 1");
    }
}
