package dev.quern.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.TensorMemory;
import java.nio.FloatBuffer;
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
            Tensor loss = new CrossEntropy(smoothing, 0)
                    .loss(torch.tensor(logits).view(BATCH, CLASSES), torch.tensor(labels));
            assertThat(loss.item_double()).as("-Dseed=%d", seed).isCloseTo(expected, within(1e-6));
        }
    }

    /** A sample that counts twice and one that does not count, over the number of both. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void weightedLossesAreDividedByTheirNumber(double entropyWeight) {
        try (PointerScope scope = new PointerScope()) {
            CrossEntropy entropy = new CrossEntropy(0.1, entropyWeight);
            Tensor logits = torch.tensor(1f, -2f, 0.5f, 3f, 0f, 1f).view(2, 3);
            Tensor labels = torch.tensor(2L, 0L);
            double first =
                    entropy.loss(logits.narrow(0, 0, 1), labels.narrow(0, 0, 1)).item_double();
            double weighted = entropy.loss(logits, labels, torch.tensor(2f, 0f)).item_double();
            assertThat(weighted).isCloseTo(first, within(1e-6));
        }
    }

    @Test
    void theEntropyTermIsTheNormalisedEntropyAndItsGradientFlows() {
        float[] logits = {1, -2, 0.5f, 3, 0, 1};
        double expected = 0;
        double[] gradient = new double[6];
        for (int i = 0; i < 2; i++) {
            double total = 0;
            double entropy = 0;
            for (int c = 0; c < 3; c++) {
                total += Math.exp(logits[3 * i + c]);
            }
            for (int c = 0; c < 3; c++) {
                double p = Math.exp(logits[3 * i + c]) / total;
                entropy -= p * Math.log(p);
            }
            for (int c = 0; c < 3; c++) {
                double p = Math.exp(logits[3 * i + c]) / total;
                double byCrossEntropy = (p - (c == i ? 1 : 0)) / 2;
                gradient[3 * i + c] = byCrossEntropy - p * (Math.log(p) + entropy) / Math.log(3) / 2;
            }
            expected += (entropy / Math.log(3) - Math.log(Math.exp(logits[3 * i + i]) / total)) / 2;
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor scores = torch.tensor(logits).view(2, 3).set_requires_grad(true);
            Tensor loss = new CrossEntropy(0, 1).loss(scores, torch.tensor(new long[] {0, 1}));
            loss.backward();
            assertThat(loss.item_double()).isCloseTo(expected, within(1e-6));
            FloatBuffer found = TensorMemory.bytes(scores.grad()).asFloatBuffer();
            for (int i = 0; i < 6; i++) {
                assertThat((double) found.get(i)).as("gradient %d", i).isCloseTo(gradient[i], within(1e-6));
            }
        }
    }

    @Test
    void certaintyHasNoEntropyAndIgnoranceHasAllOfIt() {
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = torch.tensor(new float[] {100, 0, 0, 0, 2, 2, 2, 2}).view(2, 4);
            Tensor entropy = CrossEntropy.normalizedEntropy(logits);
            assertThat(entropy.select(0, 0).item_double()).isCloseTo(0, within(1e-6));
            assertThat(entropy.select(0, 1).item_double()).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void smoothingOutsideItsRangeIsRefused() {
        assertThatThrownBy(() -> new CrossEntropy(1, 0)).hasMessage("smoothing is 1.0, allowed: 0 up to below 1");
        assertThatThrownBy(() -> new CrossEntropy(0, -1)).hasMessage("entropyWeight is -1.0, allowed: ≥ 0, finite");
    }
}
