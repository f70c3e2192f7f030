package dev.quern.run;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.data.fault.Faults;
import dev.quern.data.image.Framing;
import dev.quern.joint.JointConfig;
import dev.quern.kernels.Device;
import dev.quern.nn.CpuFeatures;
import dev.quern.nn.Precision;
import dev.quern.nn.model.Model;
import dev.quern.setting.Augmentation;
import dev.quern.setting.Fields;
import dev.quern.setting.OptimizerConfig;
import dev.quern.study.Tracking;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything that decides a run's result.
 *
 * @param dataset specification, as {@link dev.quern.data.format.DatasetSpec} reads it
 * @param framing of its image files
 * @param method that chooses samples
 * @param ratio of the training set seen per epoch, in (0, 1]; FULL and IES ignore it, SUBSET has that of its file
 * @param model to train
 * @param weights safetensors of the model that it starts from, of its trunk alone where they are for another number of classes; empty: random
 *     weights
 * @param epochs ≥ 1
 * @param visits what {@code epochs} means for a method that sees less than all data
 * @param seed of everything random
 * @param augmentation of selected samples; annealing epochs use {@link Augmentation#NONE}
 * @param adaptive augmentation that follows the network and replaces {@code augmentation}
 * @param annealing δ: share of the epochs before annealing, in (0, 1]; 1: no annealing
 * @param optimizer how weights learn
 * @param settled mean second difference of the loss below which {@link Method#IES} leaves a sample out, ≥ 0
 * @param joint settings of {@link Method#JOINT}
 * @param tracking of the similarity and diversity of what the network is fed
 * @param faults of the training set
 * @param subset npy file of the training samples for {@link Method#SUBSET}, empty for all other methods
 * @param longTail settings of {@link Method#CLASS_AWARE} and of data sets with a long tail
 * @param runtime what it runs on
 */
@RecordBuilder
public record TrainConfig(
        String dataset,
        Framing framing,
        Method method,
        double ratio,
        Model model,
        Optional<Path> weights,
        int epochs,
        Visits visits,
        long seed,
        Augmentation augmentation,
        AdaptiveConfig adaptive,
        double annealing,
        OptimizerConfig optimizer,
        double settled,
        JointConfig joint,
        Tracking tracking,
        Faults faults,
        Optional<Path> subset,
        LongTail longTail,
        RuntimeConfig runtime)
        implements TrainConfigBuilder.With {

    /** What {@link #epochs} counts. */
    public enum Visits {
        /** The same number of epochs as with full data: fewer visits. */
        EQUAL_EPOCHS,
        /** As many epochs as make up the visits of full data: more epochs. */
        EQUAL_VISITS
    }

    /** In which precision convolutions run. */
    public enum PrecisionChoice {
        /** BF16 on a CUDA device and where the processor has AMX or AVX512-BF16, else FP32. */
        AUTO,
        FP32,
        BF16,
        /** On CUDA devices only: LibTorch's float16 backward pass takes a hundred times as long as float32 on the CPU. */
        FP16;

        /** The precision on a device. */
        public Precision resolve(Device device) {
            return switch (this) {
                case AUTO -> device.isCuda() ? Precision.BF16 : CpuFeatures.fastestPrecision();
                case FP32 -> Precision.FP32;
                case BF16 -> Precision.BF16;
                case FP16 -> {
                    Fields.require("precision", "fp16", device.isCuda(), "auto, fp32 and bf16 on " + device);
                    yield Precision.FP16;
                }
            };
        }
    }

    /**
     * @param precision of convolutions
     * @param threads of LibTorch, OpenBLAS and Quern together, 1 … 1024; runs that share a machine should have one each, because
     *     threads that wait for each other at LibTorch's barriers spin
     * @param checkpointSteps steps between checkpoints within an epoch; 0: at the end of epochs only
     * @param evaluateEvery epochs between evaluations, ≥ 1; the last is always evaluated
     * @param device of the network, the kernels and, where they fit, the images
     */
    @RecordBuilder
    public record RuntimeConfig(
            PrecisionChoice precision, int threads, int checkpointSteps, int evaluateEvery, Device device)
            implements TrainConfigRuntimeConfigBuilder.With {
        public static final RuntimeConfig DEFAULT =
                new RuntimeConfig(PrecisionChoice.AUTO, Runtime.getRuntime().availableProcessors(), 0, 1, Device.CPU);

        private static final int MOST_THREADS = 1024;

        public RuntimeConfig {
            Fields.require("threads", threads, threads >= 1 && threads <= MOST_THREADS, "1 … " + MOST_THREADS);
            Fields.atLeast("checkpointSteps", checkpointSteps, 0);
            Fields.atLeast("evaluateEvery", evaluateEvery, 1);
        }
    }

    /** Procedural shapes, all data, ResNet-20, 10 epochs, crop and flip, no annealing. */
    public static final TrainConfig DEFAULT = new TrainConfig(
            "shapes",
            Framing.AS_FIRST,
            Method.FULL,
            1,
            Model.RESNET20,
            Optional.empty(),
            10,
            Visits.EQUAL_EPOCHS,
            0,
            Augmentation.NONE,
            new AdaptiveConfig.None(),
            1,
            OptimizerConfig.DEFAULT,
            1e-3,
            JointConfig.DEFAULT,
            Tracking.NONE,
            Faults.NONE,
            Optional.empty(),
            LongTail.DEFAULT,
            RuntimeConfig.DEFAULT);

    private static final int MOST_EPOCHS = 100_000;

    public TrainConfig {
        Fields.shareAbove("ratio", ratio, 0, 1);
        Fields.require("epochs", epochs, epochs >= 1 && epochs <= MOST_EPOCHS, "1 … " + MOST_EPOCHS);
        Fields.shareAbove("annealing", annealing, 0, 1);
        Fields.require("settled", settled, settled >= 0 && Double.isFinite(settled), "≥ 0, finite");
        Fields.require(
                "method",
                method.label(),
                subset.isPresent() == (method == Method.SUBSET),
                subset.isPresent()
                        ? "subset, because there is a file of samples"
                        : "subset only with a file of samples");
        Fields.require(
                "augmentation",
                adaptive.label(),
                subset.isEmpty() || adaptive.heldOut() == 0,
                "with a file of samples any but madaug, which holds samples out");
    }

    /** Whether the data set is judged by the sizes of its classes. */
    boolean hasLongTail() {
        return dataset.startsWith("long-tail");
    }

    /** @param method any but SUBSET */
    public TrainConfig withMethod(Method method, double ratio) {
        return with(draft -> draft.method(method).ratio(ratio).subset(Optional.empty()));
    }

    public TrainConfig withWeights(Path weights) {
        return withWeights(Optional.of(weights));
    }

    public TrainConfig withEpochs(int epochs, Visits visits) {
        return with(draft -> draft.epochs(epochs).visits(visits));
    }

    /** Trains on the samples of a file; their ratio is known when the data is. */
    public TrainConfig withSubset(Path file) {
        return withSubset(file, 1);
    }

    TrainConfig withSubset(Path file, double ratio) {
        return with(draft -> draft.method(Method.SUBSET).ratio(ratio).subset(Optional.of(file)));
    }
}
