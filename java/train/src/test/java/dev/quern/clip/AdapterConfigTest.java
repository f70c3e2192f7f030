package dev.quern.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.clip.AdapterConfig.Loss;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.clip.ClipAdapters;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterConfigTest {
    private static final double TAU = 0.5;

    @BeforeAll
    static void setThreads() {
        TorchThreads.set(2);
    }

    @Test
    void theLossOfAPairIsThatOfTheOtherTexts() {
        for (Loss loss : Loss.values()) {
            assertThat(loss(loss, new float[] {2, 0, 0, 3}, 0, 1))
                    .isCloseTo(Math.log1p(Math.exp(-1 / TAU)), within(1e-6));
            assertThat(loss(loss, new float[] {2, 0, 0, 3}, 1, 0))
                    .isCloseTo(Math.log1p(Math.exp(1 / TAU)), within(1e-6));
        }
    }

    @Test
    void onlyTheLossPerPairTakesTheTextOfTheSameClassForWrong() {
        assertThat(loss(Loss.INFONCE_DIAG, new float[] {1, 0, 1, 0}, 0, 0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(loss(Loss.INFONCE_CLASS, new float[] {1, 0, 1, 0}, 0, 0))
                .isCloseTo(Math.log1p(Math.exp(-1 / TAU)), within(1e-6));
    }

    @Test
    void theLossPerPairGoesBothWays() {
        // Image 0 lies between the texts, image 1 on its own: rows and columns of the logits differ.
        double half = Math.sqrt(0.5);
        double rows = Math.log(2) + Math.log1p(Math.exp(-1 / TAU));
        double columns = Math.log1p(Math.exp(-half / TAU)) + Math.log1p(Math.exp((half - 1) / TAU));
        assertThat(loss(Loss.INFONCE_DIAG, new float[] {1, 1, 0, 1}, 0, 1))
                .isCloseTo((rows + columns) / 4, within(1e-6));
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void learningBringsImagesToTheTextsOfTheirLabels(Loss loss) throws StoppedException {
        ClipEmbeddings data = TurnedClusters.of(400, 4, 16, 0);
        int[] all = CrossFit.whole(400).learned();
        AdapterConfig config = AdapterConfig.DEFAULT
                .withEpochs(20)
                .withBatch(64)
                .withLearningRate(1e-2)
                .withLoss(loss);
        try (ClipAdapters adapters = new ClipAdapters(16);
                PointerScope scope = new PointerScope()) {
            double before = accuracy(adapters, data);
            config.learn(adapters, data, all, 3, new StopSignal());
            assertThat(before).isLessThan(0.6);
            assertThat(accuracy(adapters, data)).isGreaterThan(0.98);
            float[] once = TensorMemory.floats(adapters.flat().values());
            try (ClipAdapters again = new ClipAdapters(16)) {
                config.learn(again, data, all, 3, new StopSignal());
                assertThat(TensorMemory.floats(again.flat().values())).isEqualTo(once);
            }
        }
    }

    @Test
    void manySamplesTakeNoMoreStepsThanFiftyThousand() {
        assertThat(AdapterConfig.DEFAULT.epochs(0)).isEqualTo(30);
        assertThat(AdapterConfig.DEFAULT.epochs(50_000)).isEqualTo(30);
        assertThat(AdapterConfig.DEFAULT.epochs(100_000)).isEqualTo(15);
        assertThat(AdapterConfig.DEFAULT.epochs(1_300_000)).isEqualTo(1);
        assertThat(AdapterConfig.DEFAULT.epochs(Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(AdapterConfig.DEFAULT.withEpochs(30).epochs(100_000)).isEqualTo(30);
    }

    @Test
    void learningStopsWhenAsked() {
        StopSignal stop = new StopSignal();
        stop.request();
        ClipEmbeddings data = TurnedClusters.of(40, 2, 4, 0);
        try (ClipAdapters adapters = new ClipAdapters(4)) {
            assertThatThrownBy(() -> AdapterConfig.DEFAULT.learn(adapters, data, new int[] {0, 1}, 0, stop))
                    .isInstanceOf(StoppedException.class);
        }
    }

    @Test
    void valuesOutsideTheirRangeAreRefused() {
        refused("adapter epochs is -1, allowed: 0 … 100000", -1, 256, 1e-4, 0.07);
        refused("adapter batch is 1, allowed: 2 … 65536", 30, 1, 1e-4, 0.07);
        refused("adapter learning rate is NaN, allowed: above 0, finite", 30, 256, Double.NaN, 0.07);
        refused("adapter temperature is 0.0, allowed: above 0, finite", 30, 256, 1e-4, 0);
    }

    private static void refused(String message, int epochs, int batch, double rate, double temperature) {
        assertThatThrownBy(() -> AdapterConfig.DEFAULT
                        .withEpochs(epochs)
                        .withBatch(batch)
                        .withLearningRate(rate)
                        .withTemperature(temperature))
                .hasMessage(message);
    }

    /** Of two images against the texts (1, 0) and (0, 1), with adapters that change nothing. */
    private static double loss(Loss loss, float[] images, long... labels) {
        try (PointerScope scope = new PointerScope();
                ClipAdapters adapters = new ClipAdapters(2)) {
            Tensor rows = TensorMemory.copyOf(images).view(2, 2);
            Tensor texts = TensorMemory.copyOf(new float[] {1, 0, 0, 1}).view(2, 2);
            return AdapterConfig.DEFAULT
                    .withTemperature(TAU)
                    .withLoss(loss)
                    .loss(adapters, rows, texts, torch.tensor(labels))
                    .item_double();
        }
    }

    /** Share of images whose nearest text is their label's. */
    private static double accuracy(ClipAdapters adapters, ClipEmbeddings data) {
        Tensor images = adapters.images(TensorMemory.copyOf(data.images()).view(data.samples(), data.dimension()));
        Tensor texts = adapters.texts(TensorMemory.copyOf(data.texts()).view(data.classes(), data.dimension()));
        float[] cosines = TensorMemory.floats(dev.quern.nn.UnitRows.of(images)
                .matmul(dev.quern.nn.UnitRows.of(texts).t())
                .detach());
        int right = 0;
        for (int i = 0; i < data.samples(); i++) {
            int best = 0;
            for (int c = 1; c < data.classes(); c++) {
                best = cosines[i * data.classes() + c] > cosines[i * data.classes() + best] ? c : best;
            }
            right += best == data.labels()[i] ? 1 : 0;
        }
        return (double) right / data.samples();
    }
}
