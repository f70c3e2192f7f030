package dev.quern.cli.train;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.cli.terminal.Names;
import dev.quern.kernels.Device;
import dev.quern.run.TrainConfig;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.TrainerSettings;
import picocli.CommandLine.Option;

/** How weights learn, and on what. */
final class LearningOptions {
    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "128",
            description = "images per step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--lr",
            paramLabel = "L",
            defaultValue = "0.1",
            description = "learning rate at its peak (default: ${DEFAULT-VALUE})")
    private double learningRate;

    @Option(
            names = "--trunk-rate",
            paramLabel = "R",
            defaultValue = "1",
            description =
                    "share of the learning rate that all but the classifier has; 0: it stands still (default: ${DEFAULT-VALUE})")
    private double trunkRate;

    @Option(
            names = "--schedule",
            paramLabel = "S",
            description =
                    "one-cycle, cosine (with warm-up), released, released-doubled or thirds (a tenth after each) (default: one-cycle, released for adaptive augmentation)")
    private String schedule;

    @Option(
            names = "--weight-decay",
            paramLabel = "W",
            defaultValue = "5e-4",
            description = "(default: ${DEFAULT-VALUE})")
    private double weightDecay;

    @Option(names = "--label-smoothing", paramLabel = "P", description = "(default: 0.1, 0 for adaptive augmentation)")
    private Double labelSmoothing;

    @Option(
            names = "--entropy-weight",
            paramLabel = "W",
            defaultValue = "0",
            description = "of the predictions' entropy in the loss; 1: EntLoss (default: ${DEFAULT-VALUE})")
    private double entropyWeight;

    @Option(
            names = "--gradient-clip",
            paramLabel = "N",
            defaultValue = "0",
            description = "largest gradient norm; 0: none (default: ${DEFAULT-VALUE})")
    private double gradientClip;

    @Option(
            names = "--ema",
            paramLabel = "D",
            defaultValue = "0",
            description = "decay of the weight average that is evaluated; 0: none (default: ${DEFAULT-VALUE})")
    private double averageDecay;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "auto",
            description = "auto, fp32, bf16, or on a CUDA device fp16 (default: ${DEFAULT-VALUE})")
    private TrainConfig.PrecisionChoice precision;

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = "cpu",
            description = "cpu or cuda:N, of network, kernels and images (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "T",
            defaultValue = "0",
            description = "of LibTorch, OpenBLAS and the kernels; 0: all cores (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = "--checkpoint-steps",
            paramLabel = "N",
            defaultValue = "0",
            description = "steps between checkpoints within an epoch; 0: at its end only (default: ${DEFAULT-VALUE})")
    private int checkpointSteps;

    @Option(
            names = "--evaluate-every",
            paramLabel = "N",
            defaultValue = "1",
            description = "epochs between evaluations (default: ${DEFAULT-VALUE})")
    private int evaluateEvery;

    /** How weights learn; what is not given is as usual for {@code adaptation}. */
    OptimizerConfig optimizer(AdaptiveConfig adaptation) {
        OptimizerConfig usual =
                adaptation instanceof AdaptiveConfig.None ? OptimizerConfig.DEFAULT : OptimizerConfig.RELEASED;
        return new OptimizerConfig(
                batch,
                schedule == null
                        ? usual.schedule()
                        : Names.find("--schedule", schedule, TrainerSettings.Schedule.values(), Names::word),
                learningRate,
                trunkRate,
                weightDecay,
                labelSmoothing == null ? usual.labelSmoothing() : labelSmoothing,
                entropyWeight,
                gradientClip,
                averageDecay);
    }

    TrainConfig.RuntimeConfig runtime() {
        TrainConfig.RuntimeConfig runtime = TrainConfig.RuntimeConfig.DEFAULT
                .withPrecision(precision)
                .withCheckpointSteps(checkpointSteps)
                .withEvaluateEvery(evaluateEvery)
                .withDevice(Device.of(device));
        return threads == 0 ? runtime : runtime.withThreads(threads);
    }
}
