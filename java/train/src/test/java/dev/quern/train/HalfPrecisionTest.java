package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.data.Splits;
import dev.quern.data.format.ShapesDataset;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.TinyNetwork;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.FeedMonitor;
import dev.quern.train.record.Json;
import dev.quern.train.record.RunEnvironment;
import dev.quern.train.record.RunFolder;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Float16 on the CPU, for a network of linear layers alone: the backward pass of convolutions takes a hundred times as long. */
class HalfPrecisionTest {
    private static final int SAMPLES = 24;
    private static final int BATCH = 4;
    private static final int EPOCHS = 2;
    private static final Splits DATA = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(SAMPLES, 8));
    private static final int CLASSES = DATA.train().classNames().size();

    @TempDir
    private Path folder;

    /** Losses that count so much that the first scale is too large. */
    private static final Curriculum ALL = new Curriculum() {
        @Override
        public int sampleCount(int epoch) {
            return SAMPLES;
        }

        @Override
        public int[] select(int epoch, Network network) {
            return IntStream.range(0, SAMPLES).toArray();
        }

        @Override
        public AugmentPolicy augment(int epoch) {
            return new NoAugment();
        }

        @Override
        public Optional<float[]> weights(int epoch, int[] samples) {
            float[] weights = new float[samples.length];
            Arrays.fill(weights, 16);
            return Optional.of(weights);
        }
    };

    private static FusedAugment kernel(Precision precision) {
        return FusedAugment.UINT8.normalized(precision.input(), FusedAugment.Layout.NHWC, Normalization.CIFAR10);
    }

    private static TrainerSettings settings(Precision precision) {
        return new TrainerSettings(
                EPOCHS, EPOCHS, BATCH, TrainerSettings.Schedule.RELEASED, 1e-4, 1, 0, 0, 0, 0, 0, precision, 1, 0, 1);
    }

    @Test
    void stepsWhoseGradientsOverflowAreSkippedAndAnInterruptedRunEndsWithTheSameBits() throws IOException {
        List<JsonNode> metrics = run(folder.resolve("whole"), Integer.MAX_VALUE);
        assertThat(metrics).hasSize(EPOCHS);
        assertThat(metrics.get(0).get("loss_scale").asDouble()).isBetween(64.0, 32_768.0);
        assertThat(metrics.get(0).get("skipped_steps").asInt()).isBetween(1, SAMPLES / BATCH - 1);
        Path parts = folder.resolve("parts");
        for (int runs = 0; runs < EPOCHS * SAMPLES / BATCH / 2; runs++) {
            run(parts, 2);
        }
        assertThat(run(parts, Integer.MAX_VALUE)).isEqualTo(metrics);
        assertThat(parts.resolve("weights.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole").resolve("weights.safetensors"));
    }

    /** The metrics without their seconds. */
    private static List<JsonNode> run(Path folder, int steps) throws IOException {
        StopSignal stop = new StopSignal();
        TrainListener listener = new TrainListener() {
            private int left = steps;

            @Override
            public void step(int epoch, int epochs, int step, int ofEpoch, double imagesPerSecond) {
                if (--left == 0) {
                    stop.request();
                }
            }
        };
        try (Engine engine = Engine.open();
                Network network = TinyNetwork.of(32, CLASSES, 3);
                RunFolder run = RunFolder.open(folder, Start.RESUME)) {
            Trainer.Task task = new Trainer.Task(
                    network,
                    DATA,
                    ALL,
                    Adaptation.NONE,
                    FeedMonitor.NONE,
                    Optional.empty(),
                    kernel(Precision.FP16),
                    settings(Precision.FP16),
                    Json.mapper().createObjectNode());
            RunEnvironment environment = RunEnvironment.current(engine, 1, Precision.FP16);
            new Trainer(task, new Trainer.Tools(engine, run, environment, listener, stop)).run();
        }
        List<JsonNode> metrics = new ArrayList<>();
        Path log = folder.resolve("metrics.jsonl");
        for (String line : Files.exists(log) ? Files.readAllLines(log) : List.<String>of()) {
            metrics.add(((ObjectNode) Json.read(line, "metrics")).without("seconds"));
        }
        return metrics;
    }

    @Test
    void gradientsAreThoseOfFloat32AndWhatIsDifferentiatedFurtherIsFloat32() throws IOException {
        Tensor[] gradients = new Tensor[2];
        for (Precision precision : List.of(Precision.FP32, Precision.FP16)) {
            try (Engine engine = Engine.open();
                    Network network = TinyNetwork.of(32, CLASSES, 3);
                    InputBatches batches = new InputBatches(engine, kernel(precision), DATA.train(), BATCH, 1, 0);
                    Learner learner = new Learner(network, settings(precision), Timeline.uniform(1, 1));
                    PointerScope scope = new PointerScope()) {
                int[] order = IntStream.range(0, BATCH).toArray();
                batches.start(new InputBatches.Pass(order, List.of(new NoAugment()), 1, 0));
                batches.next();
                learner.step(batches, 0, step -> {
                    gradients[precision == Precision.FP16 ? 1 : 0] =
                            network.flat().gradients().clone().retainReference();
                    Tensor images = batches.images(0);
                    Tensor expected = network.forward(images.to(ScalarType.Float));
                    assertThat(step.forward(images).logits().equal(expected)).isTrue();
                });
            }
        }
        double scale = gradients[0].abs().max().item_double();
        assertThat(gradients[1].sub(gradients[0]).abs().max().item_double())
                .isPositive()
                .isCloseTo(0, within(0.01 * scale));
    }
}
