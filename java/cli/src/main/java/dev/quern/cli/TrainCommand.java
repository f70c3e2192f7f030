package dev.quern.cli;

import dev.quern.kernels.Device;
import dev.quern.nn.Model;
import dev.quern.pipeline.AdaptiveConfig;
import dev.quern.pipeline.Augmentation;
import dev.quern.pipeline.ConsistencyConfig;
import dev.quern.pipeline.EncoderConfig;
import dev.quern.pipeline.JointConfig;
import dev.quern.pipeline.Method;
import dev.quern.pipeline.OptimizerConfig;
import dev.quern.pipeline.Tracking;
import dev.quern.pipeline.TrainConfig;
import dev.quern.pipeline.TrainResult;
import dev.quern.pipeline.Training;
import dev.quern.train.RunFolder;
import dev.quern.train.TrainOutcome;
import dev.quern.train.TrainerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Trains a network on the samples a method selects.",
            "The run folder holds the configuration, the environment, metrics.jsonl, checkpoints, the samples of each epoch and the weights."
        },
        footer = {
            "",
            "Data sets: shapes | cifar10:DIR | cifar100:DIR | tiny-imagenet:DIR | folder:DIR | idx:IMAGES,LABELS | manifest:FILE |",
            "  flowers102:DIR | pets:DIR | aircraft:DIR | cars:DIR | long-tail:ROOT,TRAIN.txt,TEST.txt[,OPEN.txt]",
            "Policies: none | trivialaugment | randaugment:n=2,m=9 | autoaugment | cutmix | basic()+cutout(16,1.0) | ..., see 'quern augment --help'",
            "",
            "Examples:",
            "  quern train --dataset shapes --method joint --ratio 0.3 --epochs 10 --out runs/joint",
            "  quern train --dataset cifar10:cifar-10-batches-bin --method full --model resnet18 --epochs 30 --out runs/full",
            "  quern train --dataset cifar10:cifar-10-batches-bin --method adaaugment --profile released --model resnet18 --epochs 300 --out runs/ada",
            "  quern train --dataset flowers102:DIR --recipe fine-grained --weights resnet50.safetensors --out runs/flowers",
            "  quern train --config runs/joint.yaml --seed 2 --out runs/joint-2     (a line per option: ratio: 0.3)",
            "  quern train ... --out runs/joint --resume                           (goes on after a kill or Ctrl-C)"
        })
final class TrainCommand implements Callable<Integer> {
    private static final Set<Method> RATIO_IS_KNOWN = EnumSet.of(Method.SUBSET, Method.CLASS_AWARE);

    @Option(names = ConfigFile.OPTION, paramLabel = "FILE.yaml", description = "defaults for the options below")
    private Path config;

    @Option(
            names = Recipe.OPTION,
            paramLabel = "NAME",
            description =
                    "published defaults for the options below: cifar, wrn-28-10, shake-shake-26-2x32d, -2x96d or -2x112d, tiny-imagenet, imagenet, fine-grained, transfer, imagenet-lt, imagenet-lt-second or places-lt-second; --config goes before")
    private String recipe;

    @Option(names = "--dataset", required = true, paramLabel = "SPEC", description = "what to train on, see below")
    private String dataset;

    @Mixin
    private ImageOptions framing = new ImageOptions();

    @Option(
            names = "--method",
            paramLabel = "M",
            description =
                    "full, random, subset, random-dynamic, rs2, epsilon-greedy, ucb, infobatch, seta, ies, class-aware or joint; adaaugment, entaugment or madaug: all data, adaptive augmentation (default: full, or subset with --subset)")
    private String method;

    @Option(
            names = "--ratio",
            paramLabel = "R",
            description =
                    "share of the training set per epoch, for infobatch of the samples below the mean loss, for seta of the groups of losses, for class-aware of the epoch's visits, in (0, 1]; needed by all methods that select but ies and class-aware")
    private Double ratio;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "resnet20",
            description = "see 'quern models' (default: ${DEFAULT-VALUE})")
    private String model;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "safetensors of the model to start from; their trunk alone if they are for another number of classes (default: random weights)")
    private Path weights;

    @Option(
            names = "--epochs",
            paramLabel = "E",
            defaultValue = "10",
            description = "epochs (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--visits",
            paramLabel = "V",
            defaultValue = "equal-epochs",
            description =
                    "equal-epochs: E epochs; equal-visits: as many epochs as make up E epochs of all data (default: ${DEFAULT-VALUE})")
    private String visits;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--augment",
            paramLabel = "A",
            defaultValue = "none",
            description =
                    "none (crop and flip), another policy, see below, adaaugment, entaugment or madaug (default: ${DEFAULT-VALUE})")
    private String augment;

    @Option(
            names = "--annealing",
            paramLabel = "D",
            description =
                    "share of the epochs before the last ones on all data, weakly augmented; 1: none (default: 0.875 for joint, infobatch and seta, 1 otherwise)")
    private Double annealing;

    @Option(
            names = "--subset",
            paramLabel = "FILE",
            description =
                    "npy of the training samples to train on, such as 'quern select' writes, instead of --method and --ratio")
    private Path subset;

    @Option(
            names = "--settled",
            paramLabel = "D",
            description =
                    "ies: mean second difference of the loss below which a sample is left out (default: 1e-3, 2e-3 for cifar100)")
    private Double settled;

    @Option(names = "--out", required = true, paramLabel = "RUN", description = "run folder")
    private Path out;

    @Option(names = "--resume", description = "go on from the folder's newest checkpoint")
    private boolean resume;

    @Option(names = "--json", description = "print the result as JSON")
    private boolean json;

    @Option(
            names = "--progress",
            paramLabel = "P",
            defaultValue = "auto",
            description = "auto, bar, plain or none (default: ${DEFAULT-VALUE})")
    private ProgressDisplay.Style progress;

    @ArgGroup(exclusive = false, heading = "%nLearning:%n")
    private Learning learning = new Learning();

    @ArgGroup(exclusive = false, heading = "%nFaults of the training set:%n")
    private FaultOptions faults = new FaultOptions();

    @ArgGroup(exclusive = false, heading = "%nSimilarity and diversity of what the network is fed:%n")
    private Following following = new Following();

    @ArgGroup(exclusive = false, heading = "%nJoint selection:%n")
    private Joint joint = new Joint();

    @ArgGroup(exclusive = false, heading = "%nLong tails:%n")
    private LongTailOptions longTail = new LongTailOptions();

    @ArgGroup(exclusive = false, heading = "%nAdaptive augmentation:%n")
    private AdaptiveOptions adaptive = new AdaptiveOptions();

    @Spec
    private CommandSpec spec;

    static final class Learning {
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

        @Option(
                names = "--label-smoothing",
                paramLabel = "P",
                description = "(default: 0.1, 0 for adaptive augmentation)")
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
                description = "auto, fp32 or bf16 (default: ${DEFAULT-VALUE})")
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
                description =
                        "steps between checkpoints within an epoch; 0: at its end only (default: ${DEFAULT-VALUE})")
        private int checkpointSteps;

        @Option(
                names = "--evaluate-every",
                paramLabel = "N",
                defaultValue = "1",
                description = "epochs between evaluations (default: ${DEFAULT-VALUE})")
        private int evaluateEvery;
    }

    static final class Following {
        @Option(
                names = "--track-similarity",
                paramLabel = "R",
                defaultValue = "0",
                description = "epochs between measurements; 0: none (default: ${DEFAULT-VALUE})")
        private int every;

        @Option(
                names = "--track-model",
                paramLabel = "NAME",
                defaultValue = "resnet20",
                description = "frozen network of the features (default: ${DEFAULT-VALUE})")
        private String model;

        @Option(
                names = "--track-weights",
                paramLabel = "FILE",
                description = "its safetensors (default: it learns from the unaugmented training images for 8 epochs)")
        private Path weights;

        Tracking resolve() {
            int epochs = EncoderConfig.DEFAULT.epochs();
            return Tracking.NONE
                    .withEvery(every)
                    .withEncoder(new EncoderConfig(Model.of(model), Optional.ofNullable(weights), epochs));
        }
    }

    static final class Joint {
        @Option(
                names = "--neighbors",
                paramLabel = "K",
                defaultValue = "10",
                description = "k of the density (default: ${DEFAULT-VALUE})")
        private int neighbors;

        @Option(
                names = "--refresh",
                paramLabel = "R",
                defaultValue = "5",
                description = "epochs between refreshes of the density (default: ${DEFAULT-VALUE})")
        private int refresh;

        @Option(
                names = "--image-embeddings",
                paramLabel = "FILE",
                description =
                        "npy or safetensors [N,D] of the training images (default: a dual encoder trained on the data set, cross-fitted)")
        private Path imageEmbeddings;

        @Option(
                names = "--text-embeddings",
                paramLabel = "FILE",
                description = "npy or safetensors [C,D] of the class names")
        private Path textEmbeddings;

        @Option(
                names = "--folds",
                paramLabel = "F",
                defaultValue = "3",
                description = "of the dual encoder (default: ${DEFAULT-VALUE})")
        private int folds;

        @Option(
                names = "--encoder-epochs",
                paramLabel = "E",
                defaultValue = "8",
                description = "of the dual encoder; 0: density alone (default: ${DEFAULT-VALUE})")
        private int encoderEpochs;
    }

    @Override
    public Integer call() throws IOException {
        TrainConfig resolved = resolve();
        SampleSheets samples = new SampleSheets(resolved);
        TrainResult result;
        try (Interruption interruption = new Interruption();
                ProgressDisplay display =
                        ProgressDisplay.of(progress, resolved.method().label(), resolved.epochs())) {
            samples.then(display);
            result = Training.run(
                    resolved, out, resume ? RunFolder.Start.RESUME : RunFolder.Start.NEW, samples, interruption.stop());
        }
        boolean finished = result.outcome().status() == TrainOutcome.Status.FINISHED;
        if (finished) {
            RunReport.write(result, samples.sheets());
        }
        print(result);
        return finished ? 0 : Failures.INTERRUPTED;
    }

    /** What the options ask for. */
    TrainConfig resolve() throws IOException {
        if (method == null) {
            method = subset == null ? "full" : "subset";
        }
        boolean adapts = AdaptiveOptions.names(method);
        Method chosen = adapts ? Method.FULL : method();
        AdaptiveConfig adaptation = adaptive.resolve(adapts ? method : augment, dataset);
        requireSamples(chosen);
        double delta = annealing != null ? annealing : late(chosen) ? 0.875 : 1;
        TrainConfig start = weights == null ? TrainConfig.DEFAULT : TrainConfig.DEFAULT.withWeights(weights);
        TrainConfig selecting =
                subset != null ? start.withSubset(subset) : start.withMethod(chosen, ratio == null ? 1 : ratio);
        return selecting
                .withDataset(dataset)
                .withFraming(framing.resolve())
                .withModel(Model.of(model))
                .withEpochs(epochs, choose("--visits", visits, TrainConfig.Visits.values()))
                .withSeed(seed)
                .withAugmentation(augmentation())
                .withAdaptive(adaptation)
                .withAnnealing(delta)
                .withOptimizer(optimizer(adaptation))
                .withSettled(settled())
                .withJoint(JointConfig.DEFAULT
                        .withNeighbors(joint.neighbors)
                        .withRefreshEpochs(joint.refresh)
                        .withConsistency(consistency()))
                .withTracking(following.resolve())
                .withFaults(faults.resolve())
                .withLongTail(longTail.resolve(adaptive.profile()))
                .withRuntime(runtime());
    }

    /** A subset comes from a file, and every other selection from a ratio. */
    private void requireSamples(Method chosen) {
        if (subset != null && (chosen != Method.SUBSET || ratio != null)) {
            throw new IllegalArgumentException("--subset is " + subset + ", allowed without --method and --ratio");
        }
        if (subset == null && chosen == Method.SUBSET) {
            throw new IllegalArgumentException("--subset is missing, method subset needs a file of samples");
        }
        if (chosen.takesRatio() && !RATIO_IS_KNOWN.contains(chosen) && ratio == null) {
            throw new IllegalArgumentException("--ratio is missing, method " + method + " needs a share in (0, 1]");
        }
    }

    private double settled() {
        double usual = TrainConfig.DEFAULT.settled();
        return settled != null ? settled : dataset.startsWith("cifar100") ? 2 * usual : usual;
    }

    private Augmentation augmentation() throws IOException {
        if (AdaptiveOptions.names(augment)) {
            return Augmentation.NONE;
        }
        Augmentation augmentation = new Augmentation(augment, adaptive.profile());
        augmentation.check();
        return augmentation;
    }

    private static boolean late(Method method) {
        return method == Method.JOINT || method == Method.INFOBATCH || method == Method.SETA;
    }

    private Method method() {
        return Arrays.stream(Method.values())
                .filter(known -> known.label().equals(method))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("method is '" + method + "', allowed: "
                        + Arrays.stream(Method.values()).map(Method::label).collect(Collectors.joining(", ")) + ", "
                        + AdaptiveOptions.NAMES));
    }

    private OptimizerConfig optimizer(AdaptiveConfig adaptation) {
        OptimizerConfig usual =
                adaptation instanceof AdaptiveConfig.None ? OptimizerConfig.DEFAULT : OptimizerConfig.RELEASED;
        return new OptimizerConfig(
                learning.batch,
                learning.schedule == null
                        ? usual.schedule()
                        : choose("--schedule", learning.schedule, TrainerSettings.Schedule.values()),
                learning.learningRate,
                learning.trunkRate,
                learning.weightDecay,
                learning.labelSmoothing == null ? usual.labelSmoothing() : learning.labelSmoothing,
                learning.entropyWeight,
                learning.gradientClip,
                learning.averageDecay);
    }

    private TrainConfig.RuntimeConfig runtime() {
        TrainConfig.RuntimeConfig runtime = TrainConfig.RuntimeConfig.DEFAULT
                .withPrecision(learning.precision)
                .withCheckpointSteps(learning.checkpointSteps)
                .withEvaluateEvery(learning.evaluateEvery)
                .withDevice(Device.of(learning.device));
        return learning.threads == 0 ? runtime : runtime.withThreads(learning.threads);
    }

    private ConsistencyConfig consistency() {
        if ((joint.imageEmbeddings == null) != (joint.textEmbeddings == null)) {
            throw new IllegalArgumentException(
                    "--image-embeddings and --text-embeddings are given together or not at all");
        }
        if (joint.imageEmbeddings != null) {
            return new ConsistencyConfig.Given(joint.imageEmbeddings, joint.textEmbeddings);
        }
        return joint.encoderEpochs == 0
                ? new ConsistencyConfig.None()
                : new ConsistencyConfig.CrossFitted(joint.folds, joint.encoderEpochs);
    }

    /** The constant whose name is {@code word} in lower case with dashes. */
    private static <T extends Enum<T>> T choose(String option, String word, T[] values) {
        return Names.find(option, word, values, Names::word);
    }

    private void print(TrainResult result) {
        if (json) {
            spec.commandLine().getOut().println(Json.line(result.toJson()));
        } else {
            spec.commandLine()
                    .getOut()
                    .println(ResultTable.of(Arrays.asList(result)).text());
            spec.commandLine().getOut().println("run folder: " + result.folder());
        }
        spec.commandLine().getOut().flush();
    }
}
