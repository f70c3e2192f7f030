package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Draws;
import dev.quern.augment.Mixing;
import dev.quern.augment.NoAugment;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.Placement;
import dev.quern.augment.step.Mixup;
import dev.quern.data.InMemoryDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.TensorMemory;
import dev.quern.train.optimizer.CrossEntropy;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class InputBatchesTest {
    private static final int SIDE = 4;

    private static InMemoryDataset data() {
        byte[][] images = new byte[5][SIDE * SIDE * 3];
        for (int i = 0; i < images.length; i++) {
            for (int at = 0; at < images[i].length; at++) {
                images[i][at] = (byte) (40 * i + at);
            }
        }
        return new InMemoryDataset("five", SIDE, SIDE, List.of("a", "b"), new int[] {0, 1, 0, 1, 1}, images, null);
    }

    @Test
    void batchesFollowTheOrderNormalisedWithTheirLabels() throws IOException {
        Normalization normalization =
                new Normalization(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.25f, 0.5f});
        FusedAugment kernel = FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, normalization);
        try (Engine engine = Engine.open();
                InputBatches batches = new InputBatches(engine, kernel, data(), 3, 1, 1)) {
            batches.start(new InputBatches.Pass(new int[] {4, 0, 3, 1}, List.of(new NoAugment()), 0, 0));
            assertThat(batches.next()).isTrue();
            try (PointerScope scope = new PointerScope()) {
                Tensor images = batches.images(0);
                assertThat(images.shape()).containsExactly(3, 3, SIDE, SIDE);
                int value = 40 * 4 + (2 * SIDE + 1) * 3 + 2;
                double pixel = images.select(0, 0)
                        .select(0, 2)
                        .select(0, 2)
                        .select(0, 1)
                        .item_double();
                assertThat(pixel).isCloseTo((value / 255.0 - 0.3) / 0.5, within(1e-6));
                assertThat(batches.labels().select(0, 2).item_long()).isEqualTo(1);
            }
            assertThat(batches.next()).isTrue();
            assertThat(batches.size()).isEqualTo(1);
            assertThat(batches.next()).isFalse();
        }
    }

    @Test
    void aSampleThatIsVisitedRepeatedlyIsAugmentedDifferentlyEachTime() throws IOException {
        List<AugmentPolicy> views = List.of(new Placement(new NoAugment(), SIDE, SIDE, 2, Set.of(), 0));
        int[] order = {2, 2, 1, 2};
        float[][] whole = images(new InputBatches.Pass(order, views, 4, 1));
        assertThat(whole[0]).isNotEqualTo(whole[1]);
        assertThat(whole[0]).isNotEqualTo(whole[3]);
        assertThat(whole[1]).isNotEqualTo(whole[3]);
        assertThat(images(new InputBatches.Pass(order, 2, views, 4, 1)))
                .isDeepEqualTo(new float[][] {whole[2], whole[3]});
        assertThat(images(new InputBatches.Pass(new int[] {1, 2}, views, 4, 1)))
                .isDeepEqualTo(new float[][] {whole[2], whole[0]});
    }

    /** Every image of a pass, in batches of 3. */
    private static float[][] images(InputBatches.Pass pass) throws IOException {
        FusedAugment kernel =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.NONE);
        float[][] images = new float[pass.order().length - pass.done()][SIDE * SIDE * 3];
        try (Engine engine = Engine.open();
                InputBatches batches = new InputBatches(engine, kernel, data(), 3, 1, 0)) {
            batches.start(pass);
            for (int at = 0; batches.next(); at += batches.size()) {
                try (PointerScope scope = new PointerScope()) {
                    for (int row = 0; row < batches.size(); row++) {
                        Tensor image = batches.images(0).select(0, row).contiguous();
                        TensorMemory.bytes(image).asFloatBuffer().get(images[at + row]);
                    }
                }
            }
        }
        return images;
    }

    @Test
    void channelStatisticsAreThoseOfThePixels() throws IOException {
        InMemoryDataset data = data();
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < data.size(); i++) {
            for (int at = 1; at < SIDE * SIDE * 3; at += 3) {
                double value = ((40 * i + at) & 0xFF) / 255.0;
                sum += value;
                squares += value * value;
                count++;
            }
        }
        Normalization found = ChannelStatistics.of(data);
        assertThat((double) found.mean()[1]).isCloseTo(sum / count, within(1e-6));
        assertThat((double) found.std()[1])
                .isCloseTo(Math.sqrt(squares / count - sum * sum / count / count), within(1e-6));
    }

    @Test
    void mixedImagesHaveTheSharesOfTheirClassesAsTargets() throws IOException {
        FusedAugment kernel =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.NONE);
        StepPolicy mixup = new StepPolicy("mixup", SIDE, SIDE, List.of(new Mixup(1)));
        try (Engine engine = Engine.open();
                InputBatches batches = new InputBatches(engine, kernel, data(), 5, 1, 0)) {
            batches.start(new InputBatches.Pass(new int[] {0, 1, 2, 3, 4}, List.of(mixup), 3, 0));
            assertThat(batches.next()).isTrue();
            Mixing mixing = new Mixup(1).draw(Draws.of(3, 0, 0, 0), 5, SIDE, SIDE);
            int[] labels = {0, 1, 0, 1, 1};
            try (PointerScope scope = new PointerScope()) {
                Tensor targets = batches.targets();
                assertThat(targets.shape()).containsExactly(5, 2);
                for (int row = 0; row < 5; row++) {
                    double own = mixing.labelWeights()[row];
                    double expected =
                            (labels[row] == 1 ? own : 0) + (labels[mixing.partners()[row]] == 1 ? 1 - own : 0);
                    assertThat(targets.select(0, row).select(0, 1).item_double())
                            .isCloseTo(expected, within(1e-6));
                }
                Tensor logits = torch.randn(5, 2);
                double soft = new CrossEntropy(0.1, 0).loss(logits, targets).item_double();
                Tensor partners = batches.labels().index_select(0, torch.tensor(longs(mixing.partners())));
                double hard = mixing.labelWeights()[0]
                                * new CrossEntropy(0.1, 0)
                                        .loss(logits, batches.labels())
                                        .item_double()
                        + (1 - mixing.labelWeights()[0])
                                * new CrossEntropy(0.1, 0)
                                        .loss(logits, partners)
                                        .item_double();
                assertThat(soft).isCloseTo(hard, within(1e-5));
            }
        }
    }

    private static long[] longs(int[] values) {
        return java.util.Arrays.stream(values).asLongStream().toArray();
    }
}
