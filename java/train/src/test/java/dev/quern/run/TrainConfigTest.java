package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.Profile;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.joint.JointConfig;
import dev.quern.kernels.Device;
import dev.quern.run.TrainConfig.RuntimeConfig;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.setting.Annealing;
import dev.quern.setting.OptimizerConfig;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainConfigTest {
    private static final TrainConfig CONFIG = TrainConfig.DEFAULT;
    private static final OptimizerConfig OPTIMIZER = OptimizerConfig.DEFAULT;

    static Stream<Arguments> invalid() {
        return Stream.of(
                row(() -> CONFIG.withMethod(Method.RANDOM, 0), "ratio is 0.0, allowed: above 0.0, at most 1.0"),
                row(() -> CONFIG.withMethod(Method.RANDOM, 1.1), "ratio is 1.1, allowed: above 0.0, at most 1.0"),
                row(
                        () -> CONFIG.withMethod(Method.RANDOM, Double.NaN),
                        "ratio is NaN, allowed: above 0.0, at most 1.0"),
                row(() -> CONFIG.withEpochs(0, Visits.EQUAL_EPOCHS), "epochs is 0, allowed: 1 … 100000"),
                row(() -> CONFIG.withAnnealing(0), "annealing is 0.0, allowed: above 0.0, at most 1.0"),
                row(() -> CONFIG.withSettled(Double.NaN), "settled is NaN, allowed: ≥ 0, finite"),
                row(() -> OPTIMIZER.withBatch(0), "batch is 0, allowed: 1 … 65536"),
                row(() -> OPTIMIZER.withLearningRate(-1), "learningRate is -1.0, allowed: above 0, finite"),
                row(() -> OPTIMIZER.withWeightDecay(-1e-4), "weightDecay is -1.0E-4, allowed: ≥ 0, finite"),
                row(() -> OPTIMIZER.withLabelSmoothing(1), "labelSmoothing is 1.0, allowed: 0.0 up to below 1.0"),
                row(() -> OPTIMIZER.withGradientClip(-1), "gradientClip is -1.0, allowed: ≥ 0, finite"),
                row(() -> OPTIMIZER.withAverageDecay(1), "averageDecay is 1.0, allowed: 0.0 up to below 1.0"),
                row(() -> JointConfig.DEFAULT.withNeighbors(0), "neighbors is 0, allowed: 1 … 1024"),
                row(() -> JointConfig.DEFAULT.withRefreshEpochs(0), "refreshEpochs is 0, allowed: ≥ 1"),
                row(() -> new ConsistencyConfig.CrossFitted(1, 5), "folds is 1, allowed: 2 … 20"),
                row(() -> new ConsistencyConfig.CrossFitted(3, 0), "encoderEpochs is 0, allowed: ≥ 1"),
                row(() -> RuntimeConfig.DEFAULT.withThreads(0), "threads is 0, allowed: 1 … 1024"),
                row(() -> RuntimeConfig.DEFAULT.withCheckpointSteps(-1), "checkpointSteps is -1, allowed: ≥ 0"),
                row(() -> RuntimeConfig.DEFAULT.withEvaluateEvery(0), "evaluateEvery is 0, allowed: ≥ 1"),
                row(
                        () -> TrainConfig.PrecisionChoice.FP16.resolve(Device.CPU),
                        "precision is fp16, allowed: auto, fp32 and bf16 on cpu"),
                row(() -> new LongTail(Profile.PAPER, 0, 0), "per turn is 0, allowed: ≥ 1"),
                row(() -> new LongTail(Profile.PAPER, 1, 1.1), "open threshold is 1.1, allowed: 0 … 1"),
                row(
                        () -> Method.of("best"),
                        "method is 'best', allowed: full, random, subset, random-dynamic, rs2, epsilon-greedy, ucb, infobatch, seta, ies, class-aware, joint"));
    }

    private static Arguments row(ThrowingCallable call, String message) {
        return Arguments.of(call, message);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void anInvalidFieldIsNamedWithItsValueAndWhatIsAllowed(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "FULL, 1, 1, 10, 10",
        "RANDOM, 0.5, 1, 10, 20",
        "RANDOM_DYNAMIC, 0.3, 1, 30, 100",
        "JOINT, 0.3, 0.875, 50, 129"
    })
    void equalVisitsMeansAsManyEpochsAsMakeUpTheVisitsOfFullData(
            Method method, double ratio, double annealing, int epochs, int expected) {
        TrainConfig config =
                CONFIG.withMethod(method, ratio).withAnnealing(annealing).withEpochs(epochs, Visits.EQUAL_VISITS);
        assertThat(Training.epochs(config, 1000)).isEqualTo(expected);
        assertThat(Training.epochs(config.withEpochs(epochs, Visits.EQUAL_EPOCHS), 1000))
                .isEqualTo(epochs);
    }

    @Test
    void annealingCoversTheLastEpochs() {
        Annealing annealing = new Annealing(0.875, 40);
        assertThat(annealing.covers(34)).isFalse();
        assertThat(annealing.covers(35)).isTrue();
        assertThat(new Annealing(1, 40).covers(39)).isFalse();
    }
}
