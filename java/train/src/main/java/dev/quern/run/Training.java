package dev.quern.run;

import dev.quern.adaptive.Adapted;
import dev.quern.adaptive.AdaptedRun;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.baseline.SubsetFile;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.data.SubsetDataset;
import dev.quern.data.format.DatasetSpec;
import dev.quern.kernels.Device;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Initialization;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.StateDict;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import dev.quern.setting.Annealing;
import dev.quern.setting.OptimizerConfig;
import dev.quern.study.SimilarityTracker;
import dev.quern.study.Tracking;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Curriculum;
import dev.quern.train.ExitWait;
import dev.quern.train.Inference;
import dev.quern.train.LongTailEvaluation;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainOutcome;
import dev.quern.train.Trainer;
import dev.quern.train.TrainerSettings;
import dev.quern.train.record.FeedMonitor;
import dev.quern.train.record.Phase;
import dev.quern.train.record.RunEnvironment;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/** Runs a configuration from data to result. */
public final class Training {
    private static final int FEATURE_BATCH = 250;
    /** The statistics of AdaAugment's and EntAugment's released code. */
    private static final FusedAugment.Normalization RELEASED_CIFAR = new FusedAugment.Normalization(
            new float[] {125.3f / 255, 123.0f / 255, 113.9f / 255},
            new float[] {63.0f / 255, 62.1f / 255, 66.7f / 255});

    private final TrainConfig config;
    private final Optional<Recording> recording;
    private final TrainListener listener;
    private final StopSignal stop;

    private Training(TrainConfig config, Optional<Recording> recording, TrainListener listener, StopSignal stop) {
        this.config = config;
        this.recording = recording;
        this.listener = listener;
        this.stop = stop;
    }

    /**
     * Opens the configured data set and trains.
     *
     * @param folder run folder, made if absent
     * @throws IOException in one line, if data cannot be read, results cannot be written, or a run cannot be resumed
     * @throws IllegalArgumentException naming the field, its value and what is allowed
     */
    public static TrainResult run(
            TrainConfig config, Path folder, RunFolder.Start start, TrainListener listener, StopSignal stop)
            throws IOException {
        DatasetSpec spec = DatasetSpec.parse(config.dataset());
        TensorMemory.requireDevice(config.runtime().device());
        try (RunFolder run = RunFolder.open(folder, start)) {
            Splits data = spec.open(DatasetOptions.DEFAULT.withFraming(config.framing()));
            return new Training(measured(config, data), Optional.empty(), listener, stop).run(data, run);
        }
    }

    /** Trains on data that is open already; {@code config.dataset()} is only its name. */
    public static TrainResult run(
            TrainConfig config,
            Splits data,
            Path folder,
            RunFolder.Start start,
            TrainListener listener,
            StopSignal stop)
            throws IOException {
        TensorMemory.requireDevice(config.runtime().device());
        try (RunFolder run = RunFolder.open(folder, start)) {
            return new Training(measured(config, data), Optional.empty(), listener, stop).run(data, run);
        }
    }

    /** Trains, from the folder's newest checkpoint where there is one, and records it. */
    public static TrainResult recorded(
            TrainConfig config, Recording recording, Splits data, Path folder, TrainListener listener, StopSignal stop)
            throws IOException {
        try (RunFolder run = RunFolder.open(folder, RunFolder.Start.RESUME)) {
            return new Training(config, Optional.of(recording), listener, stop).run(data, run);
        }
    }

    /** The data as it is trained on: with the configured faults. */
    public static Splits prepared(TrainConfig config, Splits clean) throws IOException {
        return new Splits(config.faults().of(clean.train(), config.seed()), clean.test(), clean.open());
    }

    /** With the ratio that the subset of a file comes to. */
    private static TrainConfig measured(TrainConfig config, Splits data) throws IOException {
        if (config.subset().isEmpty()) {
            return config;
        }
        int samples = data.train().size();
        int chosen = SubsetFile.read(config.subset().get(), samples).length;
        return config.withSubset(config.subset().get(), (double) chosen / samples);
    }

    /** How many epochs a configuration runs on a training set of {@code samples}. */
    public static int epochs(TrainConfig config, int samples) {
        if (config.visits() == TrainConfig.Visits.EQUAL_EPOCHS) {
            return config.epochs();
        }
        long budget = (long) config.epochs() * samples;
        int epochs = config.epochs();
        while (visits(config, epochs + 1, samples) <= budget) {
            epochs++;
        }
        long below = budget - visits(config, epochs, samples);
        long above = visits(config, epochs + 1, samples) - budget;
        return above < below ? epochs + 1 : epochs;
    }

    private static long visits(TrainConfig config, int epochs, int samples) {
        Annealing annealing = new Annealing(config.annealing(), epochs);
        int selected = selected(config, samples);
        return IntStream.range(0, epochs)
                .mapToLong(epoch -> annealing.covers(epoch) || seesAll(config.method(), epoch) ? samples : selected)
                .sum();
    }

    private static boolean seesAll(Method method, int epoch) {
        boolean bandit = method == Method.EPSILON_GREEDY || method == Method.UCB;
        return method.lossesCount() || bandit && epoch == 0;
    }

    /** How many of {@code samples} an epoch sees by the configured ratio. */
    static int selected(TrainConfig config, int samples) {
        double ratio = config.method().takesRatio() ? config.ratio() : 1;
        return (int) Math.max(1, Math.round(samples * ratio));
    }

    private TrainResult run(Splits clean, RunFolder run) throws IOException {
        Splits given = prepared(config, clean);
        new Requirements(config).requireTrainable(given);
        Splits parts = parts(given.train());
        config.model().requireImages(given.train().height(), given.train().width());
        Device device = config.runtime().device();
        int threads = config.runtime().threads();
        TorchThreads.set(threads);
        Precision precision = config.runtime().precision().resolve(device);
        int epochs = epochs(config, parts.train().size());
        try (ExitWait wait = ExitWait.of(stop);
                Engine engine = Engine.open(TorchThreads.engineOptions(threads).withDevice(device));
                Placement placement = new Placement(engine);
                Network network =
                        config.model().create(given.train().classNames().size())) {
            Splits data = placement.of(new Splits(parts.train(), given.test(), given.open()));
            Initialization.apply(network, config.seed());
            load(network);
            network.to(device);
            Inference inference = new Inference(engine, input(data.train(), precision), precision, FEATURE_BATCH, stop);
            RunEnvironment environment = RunEnvironment.current(engine, threads, precision);
            Trainer.Tools tools = new Trainer.Tools(engine, run, environment, listener, stop);
            TrainOutcome outcome = train(network, data, parts.test(), inference, epochs, tools);
            TrainResult result = new TrainResult(config, epochs, data.train().size(), outcome, run.path());
            run.write("result.json", result.toJson());
            return result;
        }
    }

    private void load(Network network) throws IOException {
        if (config.weights().isPresent()) {
            Path file = config.weights().get();
            StateDict.Part part = StateDict.fitting(network, file);
            StateDict.load(network, file, part);
            listener.warning(
                    part == StateDict.Part.WHOLE
                            ? "starts from all weights of " + file
                            : "starts from the trunk of " + file + "; its classifier is for other classes");
        }
    }

    /** The training images and those held out from them; without an adaptation that needs them the latter are the former. */
    private Splits parts(ImageDataset train) throws IOException {
        double heldOut = config.adaptive().heldOut();
        if (heldOut == 0) {
            return new Splits(train, train);
        }
        DatasetOptions options = DatasetOptions.DEFAULT.withSeed(config.seed()).withTestShare(heldOut);
        return SubsetDataset.holdOut(train, options);
    }

    private TrainOutcome train(
            Network network, Splits data, ImageDataset heldOut, Inference inference, int epochs, Trainer.Tools tools)
            throws IOException {
        AdaptedRun run = new AdaptedRun(
                config.dataset(),
                config.augmentation(),
                new Splits(data.train(), heldOut),
                network,
                inference,
                epochs,
                config.optimizer(),
                config.seed());
        try (Adapted adapted = config.adaptive().adapt(run);
                FeedMonitor monitor = monitor(data, tools)) {
            Curriculum chosen = new Curricula(config, data.train(), inference, listener).of(epochs, adapted.policy());
            Curriculum curriculum = recording.isEmpty()
                    ? chosen
                    : recording
                            .get()
                            .of(chosen, data.train(), inference, tools.folder().path());
            new Requirements(config).requireWholeBatches(curriculum, epochs);
            Trainer.Task task = new Trainer.Task(
                    network,
                    data,
                    curriculum,
                    adapted.adaptation(),
                    monitor,
                    longTail(data.train()),
                    inference.kernel(),
                    settings(epochs, inference.precision()),
                    ConfigJson.of(config, epochs, data));
            TrainOutcome outcome = new Trainer(task, tools).run();
            if (outcome.status() == TrainOutcome.Status.FINISHED) {
                if (curriculum instanceof Recording.Recorded recorded) {
                    outcome.seconds().time(Phase.SELECT, () -> {
                        recorded.finish(epochs - 1, network);
                        return null;
                    });
                }
                listener.finished(data.train(), adapted.policy().apply(epochs - 1), epochs - 1);
            }
            return outcome;
        }
    }

    private FeedMonitor monitor(Splits data, Trainer.Tools tools) throws IOException {
        if (config.tracking().every() == 0) {
            return FeedMonitor.NONE;
        }
        FusedAugment kernel = input(data.train(), Precision.FP32);
        Inference inference = new Inference(tools.engine(), kernel, Precision.FP32, FEATURE_BATCH, stop);
        Path folder = tools.folder().path().resolve("encoder");
        TrainConfig.RuntimeConfig runtime = TrainConfig.RuntimeConfig.DEFAULT
                .withThreads(config.runtime().threads())
                .withPrecision(config.runtime().precision())
                .withDevice(config.runtime().device());
        Tracking tracking = config.tracking();
        return new SimilarityTracker(
                tracking,
                data,
                config.seed(),
                inference,
                () -> EncoderTraining.weights(
                        tracking.encoder(), config.dataset(), data, config.seed(), runtime, folder, stop));
    }

    private Optional<LongTailEvaluation> longTail(ImageDataset train) {
        LongTail setting = config.longTail();
        return config.hasLongTail()
                ? Optional.of(new LongTailEvaluation(train, setting.profile(), setting.openThreshold()))
                : Optional.empty();
    }

    /** Adaptive augmentation has its released code's input: black padding, a cutout, fixed statistics for CIFAR. */
    private FusedAugment input(ImageDataset data, Precision precision) throws IOException {
        if (config.adaptive() instanceof AdaptiveConfig.None) {
            boolean released = config.augmentation().profile() == Profile.RELEASED;
            return FusedAugment.UINT8
                    .withPadding(released ? FusedAugment.Padding.ZERO : FusedAugment.Padding.REFLECT)
                    .normalized(precision.input(), FusedAugment.Layout.NHWC, ChannelStatistics.of(data));
        }
        FusedAugment.Normalization statistics =
                config.dataset().startsWith("cifar") ? RELEASED_CIFAR : ChannelStatistics.of(data);
        return FusedAugment.UINT8
                .withCutout(config.adaptive().cutout())
                .normalized(precision.input(), FusedAugment.Layout.NHWC, statistics);
    }

    private TrainerSettings settings(int epochs, Precision precision) {
        OptimizerConfig optimizer = config.optimizer();
        return new TrainerSettings(
                epochs,
                config.epochs(),
                optimizer.batch(),
                optimizer.schedule(),
                optimizer.learningRate(),
                optimizer.trunkRate(),
                optimizer.weightDecay(),
                optimizer.labelSmoothing(),
                optimizer.entropyWeight(),
                optimizer.gradientClip(),
                optimizer.averageDecay(),
                precision,
                config.seed(),
                config.runtime().checkpointSteps(),
                config.runtime().evaluateEvery());
    }
}
