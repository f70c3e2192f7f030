package dev.quern.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.joint.CrossFittedEncoder;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Precision;
import dev.quern.nn.TorchThreads;
import dev.quern.run.TinyRun;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Inference;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrossFitTest {
    private static final long SEED = 4;

    @ParameterizedTest
    @CsvSource({"10, 2", "11, 3", "500, 5", "7, 7"})
    void everySampleIsScoredOnceAndNeverByAModelThatLearnedIt(int samples, int folds) {
        int[] scored = new int[samples];
        for (CrossFit fold : CrossFit.folds(samples, folds, SEED)) {
            BitSet learned = new BitSet();
            Arrays.stream(fold.learned()).forEach(learned::set);
            assertThat(learned.cardinality() + fold.scored().length).isEqualTo(samples);
            assertThat(fold.scored().length).isBetween(samples / folds, samples / folds + 1);
            for (int sample : fold.scored()) {
                assertThat(learned.get(sample)).isFalse();
                scored[sample]++;
            }
        }
        assertThat(scored).containsOnly(1);
    }

    @Test
    void foldsOutsideTheirRangeAreRefused() {
        assertThatThrownBy(() -> CrossFit.folds(5, 6, 0)).hasMessage("folds is 6, allowed: 2 … 5");
        assertThatThrownBy(() -> CrossFit.folds(5, 1, 0)).hasMessage("folds is 1, allowed: 2 … 5");
    }

    @Test
    void aLabelChangesOnlyItsOwnScoreAndThoseOfTheOtherFolds() throws IOException {
        ImageDataset data = TinyRun.shapes(60, 10).train();
        int changed = 17;
        float[] before = consistency(data, 1);
        float[] after = consistency(relabelled(data, changed), 1);
        for (CrossFit fold : CrossFit.folds(data.size(), 2, SEED)) {
            boolean own = Arrays.stream(fold.scored()).anyMatch(sample -> sample == changed);
            int[] others = Arrays.stream(fold.scored())
                    .filter(sample -> sample != changed)
                    .toArray();
            assertThat(Arrays.stream(others).allMatch(i -> before[i] == after[i]))
                    .isEqualTo(own);
        }
    }

    @Test
    void wrongLabelsAgreeLessWithTheirImages() throws IOException {
        ImageDataset data = TinyRun.shapes(1500, 10).train();
        BitSet wrong = data.knownWrongLabels().orElseThrow();
        float[] consistency = consistency(data, 8);
        long pairs = 0;
        long ordered = 0;
        for (int i = wrong.nextSetBit(0); i >= 0; i = wrong.nextSetBit(i + 1)) {
            for (int j = wrong.nextClearBit(0); j < data.size(); j = wrong.nextClearBit(j + 1)) {
                pairs++;
                ordered += consistency[i] < consistency[j] ? 1 : 0;
            }
        }
        assertThat((double) ordered / pairs).as("area under the ROC curve").isGreaterThan(0.6);
    }

    private static float[] consistency(ImageDataset data, int epochs) throws IOException {
        TorchThreads.set(2);
        try (Engine engine = Engine.open(TorchThreads.engineOptions(2))) {
            FusedAugment kernel =
                    FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, ChannelStatistics.of(data));
            Inference inference = new Inference(engine, kernel, Precision.FP32, 250, new StopSignal());
            ConsistencyConfig.CrossFitted config = new ConsistencyConfig.CrossFitted(2, epochs);
            return new CrossFittedEncoder(data, inference, config, SEED, TrainListener.SILENT).consistency();
        }
    }

    private static ImageDataset relabelled(ImageDataset data, int changed) throws IOException {
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        labels[changed] = (labels[changed] + 1) % data.classNames().size();
        byte[][] images = new byte[data.size()][data.imageBytes()];
        for (int i = 0; i < images.length; i++) {
            data.read(i, ByteBuffer.wrap(images[i]));
        }
        return new InMemoryDataset("relabelled", data.height(), data.width(), data.classNames(), labels, images, null);
    }
}
