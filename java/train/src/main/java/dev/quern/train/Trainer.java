package dev.quern.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.select.sampling.VisitCount;
import dev.quern.train.optimizer.GradientScaler;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.record.Checkpoint;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.FeedMetrics;
import dev.quern.train.record.FeedMonitor;
import dev.quern.train.record.LongTailMetrics;
import dev.quern.train.record.Phase;
import dev.quern.train.record.PhaseClock;
import dev.quern.train.record.Progress;
import dev.quern.train.record.RunEnvironment;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Trains a network: for every epoch select, then for every batch load, augment, forward, backward, step; then evaluate and write a
 * checkpoint. A run that is killed at any instant and resumed ends with the same bits as one that is not: all chance is a function of
 * (seed, epoch, sample, slot), and a checkpoint holds everything else. Runs once, on one thread.
 */
public final class Trainer {
    private static final int EVALUATION_BATCH = 250;

    private final Task task;
    private final Tools tools;
    private final TrainerSettings settings;
    private final TrainingState state;
    private final Optional<BitSet> wrongLabels;
    private final Timeline timeline;
    private Progress progress = new Progress();
    private int[] samples;

    /**
     * What is trained.
     *
     * @param network with its initial weights
     * @param adaptation how augmentation follows the network; closed by its maker
     * @param monitor of what the network is fed; closed by its maker
     * @param longTail judges classes by their size, where the data set has a long tail
     * @param kernel brings training images into the network's input format; evaluation uses it without augmentation
     * @param config the resolved configuration, which must be the same when the run is resumed
     */
    public record Task(
            Network network,
            Splits data,
            Curriculum curriculum,
            Adaptation adaptation,
            FeedMonitor monitor,
            Optional<LongTailEvaluation> longTail,
            FusedAugment kernel,
            TrainerSettings settings,
            JsonNode config) {}

    /** With what it is trained. */
    public record Tools(
            Engine engine, RunFolder folder, RunEnvironment environment, TrainListener listener, StopSignal stop) {}

    public Trainer(Task task, Tools tools) {
        this.task = task;
        this.tools = tools;
        this.settings = task.settings();
        this.state = new TrainingState(task.config(), tools.environment());
        this.wrongLabels = task.data().train().knownWrongLabels();
        this.timeline = timeline();
    }

    /**
     * Trains to the end, from the run folder's newest whole checkpoint if there is one, or until the stop signal.
     *
     * @throws IOException in one line, if data cannot be read or results cannot be written
     */
    public TrainOutcome run() throws IOException {
        try (Learner learner = new Learner(task.network(), settings, timeline);
                InputBatches batches = batches()) {
            try {
                begin(learner);
            } catch (StoppedException stopped) {
                return outcome(TrainOutcome.Status.INTERRUPTED);
            }
            if (!runEpochs(learner, batches)) {
                return outcome(TrainOutcome.Status.INTERRUPTED);
            }
            learner.onFinalWeights(() -> {
                StateDict.save(task.network(), tools.folder().weights(), Map.of("format", "pt"));
                return null;
            });
            return outcome(TrainOutcome.Status.FINISHED);
        }
    }

    /** False if asked to stop, with a checkpoint written. */
    private boolean runEpochs(Learner learner, InputBatches batches) throws IOException {
        try {
            while (progress.epoch < settings.epochs()) {
                if (!runEpoch(learner, batches)) {
                    return false;
                }
            }
            return true;
        } catch (StoppedException stopped) {
            saveCheckpoint(learner);
            return false;
        }
    }

    private void begin(Learner learner) throws IOException {
        Optional<Checkpoint> checkpoint = tools.folder().checkpoints().newest(tools.listener()::warning);
        if (checkpoint.isPresent()) {
            progress = state.check(checkpoint.get());
            samples = state.restore(checkpoint.get(), task, learner);
        }
        tools.folder().metrics().truncate(progress.epoch);
        tools.folder().events().truncate(progress.epoch);
        if (checkpoint.isEmpty()) {
            tools.folder().write("config.json", task.config());
            tools.folder().write("environment.json", tools.environment().toJson());
            task.curriculum().prepare(progress.epochClock);
            prepareAdaptation();
            saveCheckpoint(learner);
        }
    }

    private void prepareAdaptation() throws IOException {
        progress.epochClock.time(Phase.AUGMENT, () -> {
            task.adaptation().prepare(task.network());
            return null;
        });
        progress.forwardVisits += task.adaptation().preparationVisits();
    }

    /** Runs the epoch under way; false if asked to stop before the end of the run, with a checkpoint written. */
    private boolean runEpoch(Learner learner, InputBatches batches) throws IOException {
        PhaseClock clock = progress.epochClock;
        if (samples == null) {
            tools.listener().phase(Phase.SELECT, progress.epoch);
            samples = clock.time(Phase.SELECT, () -> task.curriculum().select(progress.epoch, task.network()));
            progress.forwardVisits += task.curriculum().forwardVisits(progress.epoch);
            tools.folder().writeIndices(progress.epoch, samples);
        }
        if (!trainEpoch(learner, batches)) {
            return false;
        }
        EpochMetrics metrics = finishEpoch(learner);
        tools.folder().metrics().append(metrics);
        tools.folder().events().append(metrics, System.currentTimeMillis() * 1e-3);
        tools.listener().epoch(metrics);
        samples = null;
        progress.beginEpoch();
        saveCheckpoint(learner);
        return !tools.stop().requested() || progress.epoch == settings.epochs();
    }

    private boolean trainEpoch(Learner learner, InputBatches batches) throws IOException {
        PhaseClock clock = progress.epochClock;
        int epoch = progress.epoch;
        int steps = steps(samples.length);
        int[] order = task.curriculum().order(epoch, samples, settings.seed());
        int done = Math.min(order.length, progress.stepInEpoch * settings.batchSize());
        batches.start(new InputBatches.Pass(order, done, views(epoch), settings.seed(), epoch), this::preview);
        task.network().mode(Mode.TRAIN);
        long start = System.nanoTime();
        long images = 0;
        while (clock.time(Phase.AUGMENT, () -> augment(batches))) {
            double loss = clock.time(Phase.TRAIN, () -> learn(learner, batches));
            requireFinite(loss);
            count(batches, loss);
            images += batches.size();
            tools.listener()
                    .step(
                            epoch,
                            settings.epochs(),
                            progress.stepInEpoch,
                            steps,
                            images / (1e-9 * (System.nanoTime() - start)));
            boolean stop = tools.stop().requested();
            boolean due = settings.checkpointSteps() > 0 && progress.step % settings.checkpointSteps() == 0;
            if ((stop || due) && progress.stepInEpoch < steps) {
                saveCheckpoint(learner);
                if (stop) {
                    return false;
                }
            }
        }
        return true;
    }

    private double learn(Learner learner, InputBatches batches) {
        return learner.step(
                batches,
                progress.step,
                scheduled(progress.stepInEpoch),
                task.curriculum().weights(progress.epoch, batches.samples()),
                this::observe);
    }

    private long scheduled(int stepInEpoch) {
        return timeline.scheduled(progress.epoch, stepInEpoch, steps(samples.length));
    }

    private void preview(AugmentPolicy policy, RawBatch batch) throws IOException {
        progress.forwardVisits += task.adaptation().preview(policy, batch);
    }

    /** False after the last batch. */
    private boolean augment(InputBatches batches) throws IOException {
        if (!batches.next()) {
            return false;
        }
        progress.forwardVisits += task.adaptation().revise(task.curriculum().augment(progress.epoch), batches);
        return true;
    }

    private void observe(Observation step) {
        task.adaptation().observe(step);
        task.curriculum().observe(step);
    }

    private void count(InputBatches batch, double loss) {
        progress.step++;
        progress.stepInEpoch++;
        progress.epochVisits += batch.size();
        progress.forwardVisits += (long) (batch.views() - 1) * batch.size();
        progress.epochLoss += loss * batch.size();
    }

    private EpochMetrics finishEpoch(Learner learner) throws IOException {
        int epoch = progress.epoch;
        OptionalDouble accuracy = OptionalDouble.empty();
        Optional<LongTailMetrics> longTail = Optional.empty();
        if ((epoch + 1) % settings.evaluateEvery() == 0 || epoch + 1 == settings.epochs()) {
            tools.listener().phase(Phase.EVALUATE, epoch);
            progress.epochClock.time(Phase.EVALUATE, () -> {
                evaluate(learner);
                return null;
            });
            accuracy = OptionalDouble.of(progress.lastAccuracy);
            longTail = progress.lastLongTail;
        }
        Optional<FeedMetrics> feed = measureFeed();
        progress.visits += samples.length;
        OptionalDouble wrongShare = OptionalDouble.empty();
        if (wrongLabels.isPresent()) {
            double share = VisitCount.wrongShare(samples, wrongLabels.get());
            wrongShare = OptionalDouble.of(share);
            progress.wrongVisits += Math.round(share * samples.length);
        }
        PhaseClock seconds = new PhaseClock();
        seconds.add(progress.epochClock);
        return new EpochMetrics(
                epoch,
                progress.epochLoss / progress.epochVisits,
                learner.learningRate(scheduled(progress.stepInEpoch - 1)),
                accuracy,
                longTail,
                samples.length,
                visitShare(),
                progress.forwardVisits,
                wrongShare,
                learner.scaler().map(GradientScaler::lossScale),
                task.curriculum().augment(epoch).name(),
                task.adaptation().finish(epoch),
                feed,
                seconds);
    }

    private Optional<FeedMetrics> measureFeed() throws IOException {
        int epoch = progress.epoch;
        if (!task.monitor().isDue(epoch)) {
            return Optional.empty();
        }
        tools.listener().phase(Phase.TRACK, epoch);
        return Optional.of(progress.epochClock.time(
                Phase.TRACK,
                () -> task.monitor().measure(epoch, samples, views(epoch).get(0))));
    }

    private void evaluate(Learner learner) throws IOException {
        Inference inference =
                new Inference(tools.engine(), task.kernel(), settings.precision(), EVALUATION_BATCH, tools.stop());
        learner.onFinalWeights(() -> {
            Predictions test = inference.predictions(task.network(), task.data().test());
            Optional<LongTailMetrics> longTail = Optional.empty();
            if (task.longTail().isPresent()) {
                longTail = Optional.of(task.longTail().get().of(test, unknown(inference)));
            }
            progress.evaluated(test.accuracy(), longTail);
            return null;
        });
    }

    private Optional<Predictions> unknown(Inference inference) throws IOException {
        Optional<ImageDataset> open = task.data().open();
        return open.isPresent() ? Optional.of(inference.predictions(task.network(), open.get())) : Optional.empty();
    }

    /** Without room for a checkpoint within the run, training goes on; the end of the run needs its files. */
    private void saveCheckpoint(Learner learner) throws IOException {
        Checkpoint checkpoint = state.save(task, learner, progress, samples);
        try {
            progress.epochClock.time(Phase.CHECKPOINT, () -> {
                tools.folder().checkpoints().save(progress.step, checkpoint);
                return null;
            });
        } catch (IOException failure) {
            if (progress.epoch == settings.epochs() || tools.stop().requested()) {
                throw failure;
            }
            tools.listener().warning("no checkpoint at step " + progress.step + ": " + failure.getMessage());
        }
    }

    private TrainOutcome outcome(TrainOutcome.Status status) {
        PhaseClock seconds = new PhaseClock();
        seconds.add(progress.totalClock);
        seconds.add(progress.epochClock);
        OptionalDouble wrongShare = wrongLabels.isPresent() && progress.visits > 0
                ? OptionalDouble.of((double) progress.wrongVisits / progress.visits)
                : OptionalDouble.empty();
        return new TrainOutcome(
                status,
                progress.epoch,
                progress.lastAccuracy,
                progress.bestAccuracy,
                progress.bestEpoch,
                progress.lastLongTail,
                visitShare(),
                progress.forwardVisits,
                wrongShare,
                seconds);
    }

    private double visitShare() {
        return progress.visits / ((double) task.data().train().size() * settings.budgetEpochs());
    }

    private void requireFinite(double loss) throws IOException {
        if (!Double.isFinite(loss)) {
            throw new IOException("loss is " + loss + " at epoch " + progress.epoch + ", step " + progress.step
                    + ": lower the learning rate (now " + settings.peakLearningRate() + " at its peak)");
        }
    }

    private List<AugmentPolicy> views(int epoch) {
        return task.adaptation().views(task.curriculum().augment(epoch));
    }

    private InputBatches batches() {
        int views = 1;
        int chain = 0;
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
            views = Math.max(views, views(epoch).size());
            for (AugmentPolicy policy : views(epoch)) {
                chain = Math.max(chain, policy.chain());
            }
        }
        int capacity = Math.min(settings.batchSize(), task.data().train().size());
        return new InputBatches(tools.engine(), task.kernel(), task.data().train(), capacity, views, chain);
    }

    private Timeline timeline() {
        return new Timeline(IntStream.range(0, settings.epochs())
                .map(epoch -> steps(task.curriculum().sampleCount(epoch)))
                .toArray());
    }

    private int steps(int visits) {
        return (visits + settings.batchSize() - 1) / settings.batchSize();
    }
}
