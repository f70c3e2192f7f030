package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.MagnitudeAugment;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.ImageDataset;
import dev.quern.data.format.ShapesDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.model.Model;
import dev.quern.train.Observation.RunningStatistics;
import dev.quern.train.optimizer.Timeline;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObservationTest {
    private static final int BATCH = 6;
    private static final FusedAugment KERNEL =
            FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, Normalization.CIFAR10);

    /** A twin that runs the same passes by hand has the same running statistics, and the same outputs. */
    @ParameterizedTest
    @EnumSource
    void furtherViewsMoveTheRunningStatisticsInTheirOrderOrNotAtAll(RunningStatistics statistics) throws IOException {
        ImageDataset data = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(BATCH, 2))
                .train();
        List<AugmentPolicy> views = List.of(
                new NoAugment(),
                MagnitudeAugment.trivial(MagnitudeSpace.RELEASED, 0),
                MagnitudeAugment.trivial(MagnitudeSpace.RELEASED, 1));
        try (Engine engine = Engine.open();
                Network network = network();
                Network twin = network();
                InputBatches batches = new InputBatches(engine, KERNEL, data, BATCH, 3, 1);
                Learner learner = new Learner(network, settings(), Timeline.uniform(1, 1));
                PointerScope scope = new PointerScope()) {
            batches.start(new InputBatches.Pass(IntStream.range(0, BATCH).toArray(), views, 1, 0));
            assertThat(batches.next()).isTrue();
            assertThat(batches.images(1).equal(batches.images(2))).isFalse();
            for (int view = 0; view < 3; view++) {
                Tensor before = twin.flat().runningStatistics().clone();
                twin.forward(batches.images(view));
                if (view > 0 && statistics == RunningStatistics.KEPT) {
                    twin.flat().runningStatistics().copy_(before);
                }
            }
            learner.step(batches, 0, new Adaptation() {
                @Override
                public void observe(Observation step) {
                    Outputs first = step.of(1, statistics);
                    Outputs second = step.of(2, statistics);
                    assertThat(first.logits().equal(second.logits())).isFalse();
                    assertThat(first.logits().requires_grad()).isFalse();
                    twin.mode(Mode.TRAIN);
                    assertThat(first.features().equal(twinFeatures(twin, batches)))
                            .isTrue();
                }
            });
            assertThat(network.flat().runningStatistics().equal(twin.flat().runningStatistics()))
                    .isTrue();
        }
    }

    /** The features of view 1, leaving the twin's statistics as they are. */
    private static Tensor twinFeatures(Network twin, InputBatches batches) {
        Tensor before = twin.flat().runningStatistics().clone();
        Tensor features = twin.features(batches.images(1)).detach();
        twin.flat().runningStatistics().copy_(before);
        return features;
    }

    private static Network network() {
        Network network = Model.RESNET20.create(10);
        Initialization.apply(network, 5);
        network.mode(Mode.TRAIN);
        return network;
    }

    private static TrainerSettings settings() {
        return new TrainerSettings(
                1, 1, BATCH, TrainerSettings.Schedule.RELEASED, 0.1, 1, 0, 0, 0, 0, 0, Precision.FP32, 1, 0, 1);
    }
}
