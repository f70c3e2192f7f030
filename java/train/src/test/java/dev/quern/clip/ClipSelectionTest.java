package dev.quern.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.clip.ClipSelection.Settings;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.format.DatasetSpec;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.joint.CrossFittedEncoder;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Precision;
import dev.quern.nn.SharedData;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.clip.ClipAdapters;
import dev.quern.run.TinyRun;
import dev.quern.select.coreset.AlignmentDiversity;
import dev.quern.select.coreset.StraightThroughSelection;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Inference;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.TrainListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClipSelectionTest {
    private static final Settings AS_EMBEDDED =
            Settings.DEFAULT.withAdapters(AdapterConfig.DEFAULT.withEpochs(0)).withFolds(1);
    private static final Settings LEARNED = Settings.DEFAULT.withAdapters(
            AdapterConfig.DEFAULT.withEpochs(15).withBatch(128).withLearningRate(1e-2));
    private static final ClipEmbeddings BY_HAND = new ClipEmbeddings(
            new float[] {1, 0, 2, 0, 0, 1, 0, 1, 3, 4}, new float[] {1, 0, 0, 1}, new int[] {0, 0, 1, 1, 1}, 2);

    private static Engine engine;

    @BeforeAll
    static void open() {
        TorchThreads.set(2);
        engine = Engine.open(TorchThreads.engineOptions(2));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void scoresEqualACaseWorkedByHand() throws StoppedException {
        ClipSelection selection = of(BY_HAND, AS_EMBEDDED);
        assertThat(selection.scores().semanticAlignment()).containsExactly(new double[] {1, 1, 1, 1, 0}, within(1e-6));
        double farthest = Math.sqrt(18);
        assertThat(selection.scores().sampleDiversity())
                .containsExactly(new double[] {1 / farthest, 1 / farthest, 0, 0, 1}, within(1e-6));
        assertThat(selection.select(0.4)).containsExactly(0, 1);
        assertThat(selection.suspects()).isEmpty();
    }

    @Test
    void releasedCodeCountsASampleAmongItsNeighbours() throws StoppedException {
        double two = of(BY_HAND, AS_EMBEDDED.withNeighbours(2)).scores().sampleDiversity()[2];
        double one = of(BY_HAND, AS_EMBEDDED.withNeighbours(2).withProfile(Profile.RELEASED))
                .scores()
                .sampleDiversity()[2];
        // Raw: √18/2 of at most √18 and at least 1, then 0 of at most √18 and at least 0.
        assertThat(two).isCloseTo((Math.sqrt(18) / 2 - 1) / (Math.sqrt(18) - 1), within(1e-6));
        assertThat(one).isZero();
    }

    @Test
    void aKBeyondTheClassMeansTheWholeClass() throws StoppedException {
        assertThat(of(BY_HAND, AS_EMBEDDED.withNeighbours(100)).scores().sampleDiversity())
                .containsExactly(
                        of(BY_HAND, AS_EMBEDDED.withNeighbours(2)).scores().sampleDiversity());
    }

    @Test
    void releasedCodeAlignsImagesThroughTheAdapterOfTexts() {
        try (ClipAdapters adapters = new ClipAdapters(2);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            // The image adapter swaps coordinates, so that only images that pass it disagree with their texts.
            adapters.flat()
                    .parameters()
                    .get(0)
                    .value()
                    .copy_(TensorMemory.copyOf(new float[] {0, 1, 1, 0}).view(2, 2));
            assertThat(alignment(adapters, Profile.PAPER)).containsExactly(new double[] {0, 0, 0, 0, 1}, within(1e-6));
            assertThat(alignment(adapters, Profile.RELEASED))
                    .containsExactly(new double[] {1, 1, 1, 1, 0}, within(1e-6));
        }
    }

    private static double[] alignment(ClipAdapters adapters, Profile profile) {
        EmbeddingScores scores = new EmbeddingScores(engine, BY_HAND.samples(), OptionalInt.empty(), profile);
        scores.align(BY_HAND, adapters, new int[] {0, 1, 2, 3, 4});
        return scores.scaled().semanticAlignment();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void diversityIsTheMeanDistanceToTheNearestOfTheClassInPlainArithmetic(int folds) throws StoppedException {
        ClipEmbeddings data = TurnedClusters.of(123, 4, 7, 5);
        double[] distances = new double[data.samples()];
        for (int i = 0; i < data.samples(); i++) {
            int sample = i;
            distances[i] = IntStream.range(0, data.samples())
                    .filter(j -> j != sample && data.labels()[j] == data.labels()[sample])
                    .mapToDouble(j -> distance(data, sample, j))
                    .sorted()
                    .limit(6)
                    .average()
                    .orElseThrow();
        }
        double[] expected = AlignmentDiversity.ofRaw(distances, distances).sampleDiversity();
        assertThat(of(data, AS_EMBEDDED.withFolds(folds).withNeighbours(6))
                        .scores()
                        .sampleDiversity())
                .containsExactly(expected, within(1e-5));
    }

    private static double distance(ClipEmbeddings data, int a, int b) {
        double sum = 0;
        for (int j = 0; j < data.dimension(); j++) {
            double difference =
                    (double) data.images()[a * data.dimension() + j] - data.images()[b * data.dimension() + j];
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    @Test
    void wrongLabelsAreSuspectsAndAreNotKept() throws StoppedException {
        int classes = 8;
        int every = 5;
        ClipEmbeddings data = TurnedClusters.of(1000, classes, 16, every);
        ClipSelection selection = of(data, LEARNED);
        int[] suspects = selection.suspects();
        long found = wrong(suspects, classes, every);
        assertThat(found).as("wrong labels found of 200").isGreaterThan(170);
        assertThat(suspects.length - found).as("right labels suspected of 800").isLessThan(40);
        assertThat(suspects[0] / classes % every).isZero();
        int[] kept = selection.select(0.3);
        assertThat(kept).hasSize(300);
        assertThat(wrong(kept, classes, every)).as("a third of chance").isLessThan(20);
    }

    private static long wrong(int[] samples, int classes, int every) {
        return IntStream.of(samples).filter(i -> i / classes % every == 0).count();
    }

    @Test
    void noLabelIsJudgedByAdaptersThatLearnedIt() throws StoppedException {
        ClipEmbeddings data = TurnedClusters.of(120, 3, 8, 0);
        int changed = 17;
        int[] labels = data.labels().clone();
        labels[changed] = (labels[changed] + 1) % 3;
        Settings settings = LEARNED.withFolds(2).withSeed(4);
        double[] before = of(data, settings).scores().semanticAlignment();
        double[] after = of(new ClipEmbeddings(data.images(), data.texts(), labels, 8), settings)
                .scores()
                .semanticAlignment();
        // Scaling is affine and the same for all: ratios of differences tell whether the raw scores of a fold changed.
        for (CrossFit fold : CrossFit.folds(120, 2, 4)) {
            int[] others = Arrays.stream(fold.scored())
                    .filter(i -> i != changed)
                    .limit(3)
                    .toArray();
            boolean own = Arrays.stream(fold.scored()).anyMatch(i -> i == changed);
            double ratioBefore = (before[others[0]] - before[others[1]]) / (before[others[0]] - before[others[2]]);
            double ratioAfter = (after[others[0]] - after[others[1]]) / (after[others[0]] - after[others[2]]);
            assertThat(Math.abs(ratioBefore / ratioAfter - 1) < 1e-9).isEqualTo(own);
        }
    }

    @Test
    void theOptimiserConvergesToTheClosedFormOnRealScores() throws IOException {
        AlignmentDiversity scores =
                of(pooledCifar10(), AS_EMBEDDED.withNeighbours(50)).scores();
        double[] merit = scores.merit();
        for (double ratio : new double[] {0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1}) {
            StraightThroughSelection found = StraightThroughSelection.of(engine, merit, ratio);
            int[] selected = found.selected();
            assertThat((double) selected.length / merit.length).isCloseTo(ratio, within(5e-4));
            assertThat(selected).isEqualTo(scores.select((double) selected.length / merit.length));
        }
    }

    /** The small CIFAR-10: images pooled to 8×8 and centred, and the means of the classes in place of texts. */
    private static ClipEmbeddings pooledCifar10() throws IOException {
        ImageDataset data = DatasetSpec.parse("cifar10:" + SharedData.path("data/cifar-10-small/cifar-10-batches-bin"))
                .open(DatasetOptions.DEFAULT)
                .train();
        int dimension = 192;
        float[] images = new float[data.size() * dimension];
        float[] texts = new float[10 * dimension];
        int[] labels = new int[data.size()];
        ByteBuffer pixels = ByteBuffer.allocate(data.imageBytes());
        for (int i = 0; i < labels.length; i++) {
            data.read(i, pixels.clear());
            labels[i] = data.label(i);
            for (int at = 0; at < data.imageBytes(); at++) {
                int place = (at / 96 / 4 * 8 + at % 96 / 12) * 3 + at % 3;
                images[i * dimension + place] += ((pixels.get(at) & 0xFF) - 120) / 1024f;
            }
            for (int j = 0; j < dimension; j++) {
                texts[labels[i] * dimension + j] += images[i * dimension + j];
            }
        }
        return new ClipEmbeddings(images, texts, labels, dimension);
    }

    @Test
    void theSameSeedGivesTheSameBits() throws StoppedException {
        ClipEmbeddings data = TurnedClusters.of(200, 4, 8, 5);
        assertThat(of(data, LEARNED).scores().merit())
                .isEqualTo(of(data, LEARNED).scores().merit());
        assertThat(of(data, LEARNED).scores().merit())
                .isNotEqualTo(of(data, LEARNED.withSeed(1)).scores().merit());
    }

    @Test
    void withoutClipEachFoldIsJudgedByADualEncoderOfTheOthers() throws IOException {
        ImageDataset data = TinyRun.shapes(200, 10).train();
        FusedAugment kernel =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, ChannelStatistics.of(data));
        Inference inference = new Inference(engine, kernel, Precision.FP32, 250, new StopSignal());
        ClipSelection selection = ClipSelection.ofDualEncoder(
                new DualEncoderTraining(data, inference, 1, 4),
                Settings.DEFAULT.withFolds(2).withSeed(4));
        float[] cosines = new CrossFittedEncoder(
                        data, inference, new ConsistencyConfig.CrossFitted(2, 1), 4, TrainListener.SILENT)
                .consistency();
        double[] raw = IntStream.range(0, 200).mapToDouble(i -> cosines[i]).toArray();
        assertThat(selection.scores().semanticAlignment())
                .containsExactly(AlignmentDiversity.ofRaw(raw, raw).semanticAlignment(), within(1e-5));
        assertThat(selection.select(0.5)).hasSize(100);
    }

    @Test
    void ratiosAndSettingsOutsideTheirRangeAreRefused() throws StoppedException {
        ClipSelection selection = of(BY_HAND, AS_EMBEDDED);
        for (double ratio : new double[] {0, 1, -0.1, Double.NaN}) {
            assertThatThrownBy(() -> selection.select(ratio))
                    .hasMessage("ratio is " + ratio + ", allowed: above 0, below 1");
        }
        assertThatThrownBy(() -> Settings.DEFAULT.withFolds(0)).hasMessage("folds is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> Settings.DEFAULT.withNeighbours(1024))
                .hasMessage("neighbours is 1024, allowed: 1 … 1023");
        assertThatThrownBy(() -> of(BY_HAND, AS_EMBEDDED.withFolds(6))).hasMessage("folds is 6, allowed: 2 … 5");
    }

    private static ClipSelection of(ClipEmbeddings data, Settings settings) throws StoppedException {
        return ClipSelection.of(engine, data, settings, new StopSignal());
    }
}
