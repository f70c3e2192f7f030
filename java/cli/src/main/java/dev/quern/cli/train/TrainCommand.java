package dev.quern.cli.train;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.cli.page.ResultTable;
import dev.quern.cli.page.SampleSheets;
import dev.quern.cli.terminal.ConfigFile;
import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.FaultOptions;
import dev.quern.cli.terminal.ImageOptions;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.Names;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.cli.terminal.Recipe;
import dev.quern.nn.model.Model;
import dev.quern.run.Method;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.run.Training;
import dev.quern.setting.Augmentation;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network. */
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
public final class TrainCommand implements Callable<Integer> {
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
                    "full, random, subset, random-dynamic, rs2, epsilon-greedy, ucb, infobatch, seta, ies, class-aware or joint; adaaugment, entaugment, madaug or teachaugment: all data, adaptive augmentation (default: full, or subset with --subset)")
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
                    "none (crop and flip), another policy, see below, adaaugment, entaugment, madaug or teachaugment (default: ${DEFAULT-VALUE})")
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
    private LearningOptions learning = new LearningOptions();

    @ArgGroup(exclusive = false, heading = "%nFaults of the training set:%n")
    private FaultOptions faults = new FaultOptions();

    @ArgGroup(exclusive = false, heading = "%nSimilarity and diversity of what the network is fed:%n")
    private TrackingOptions tracking = new TrackingOptions();

    @ArgGroup(exclusive = false, heading = "%nJoint selection:%n")
    private JointOptions joint = new JointOptions();

    @ArgGroup(exclusive = false, heading = "%nLong tails:%n")
    private LongTailOptions longTail = new LongTailOptions();

    @ArgGroup(exclusive = false, heading = "%nAdaptive augmentation:%n")
    private AdaptiveOptions adaptive = new AdaptiveOptions();

    @Spec
    private CommandSpec spec;

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
    public TrainConfig resolve() throws IOException {
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
                .withOptimizer(learning.optimizer(adaptation))
                .withSettled(settled())
                .withJoint(joint.resolve())
                .withTracking(tracking.resolve())
                .withFaults(faults.resolve())
                .withLongTail(longTail.resolve(adaptive.profile()))
                .withRuntime(learning.runtime());
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
