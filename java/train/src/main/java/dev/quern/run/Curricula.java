package dev.quern.run;

import dev.quern.augment.AugmentPolicy;
import dev.quern.baseline.LossPipeline;
import dev.quern.baseline.SelectionPipeline;
import dev.quern.baseline.SubsetFile;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.joint.JointPipeline;
import dev.quern.select.sampling.ClassAwareSampling;
import dev.quern.select.sampling.DynamicRandom;
import dev.quern.select.sampling.FixedSubset;
import dev.quern.select.sampling.FullData;
import dev.quern.select.sampling.InfoBatch;
import dev.quern.select.sampling.InstanceEarlyStopping;
import dev.quern.select.sampling.LossBandit;
import dev.quern.select.sampling.LossSelection;
import dev.quern.select.sampling.RepeatedSampling;
import dev.quern.select.sampling.SlidingWindow;
import dev.quern.select.sampling.StaticRandom;
import dev.quern.setting.Annealing;
import dev.quern.setting.Augmentation;
import dev.quern.setting.EpochRules;
import dev.quern.train.Curriculum;
import dev.quern.train.Inference;
import dev.quern.train.TrainListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What the configured method trains on, epoch by epoch. */
record Curricula(TrainConfig config, ImageDataset data, Inference inference, TrainListener listener) {
    /** ε of ε-greedy. */
    private static final double EXPLORED = 0.2;
    /** c of the upper confidence bound. */
    private static final double CONFIDENCE = 1;

    /** @param policy of the selected samples, by epoch */
    Curriculum of(int epochs, IntFunction<AugmentPolicy> policy) throws IOException {
        EpochRules rules = new EpochRules(
                data.size(),
                Training.selected(config, data.size()),
                new Annealing(config.annealing(), epochs),
                policy,
                Augmentation.NONE.of(config.dataset(), data, epochs));
        return switch (config.method()) {
            case FULL -> new SelectionPipeline(rules, new FullData(data.size()));
            case SUBSET -> {
                Path file = config.subset().orElseThrow();
                yield new SelectionPipeline(rules, new FixedSubset(SubsetFile.read(file, data.size())));
            }
            case RANDOM -> new SelectionPipeline(rules, new StaticRandom(data.size(), config.ratio(), config.seed()));
            case RANDOM_DYNAMIC ->
                new SelectionPipeline(rules, new DynamicRandom(data.size(), config.ratio(), config.seed()));
            case RS2 -> new SelectionPipeline(rules, new RepeatedSampling(data.size(), config.ratio(), config.seed()));
            case EPSILON_GREEDY, UCB, INFOBATCH, SETA, IES -> {
                LossSelection selection = byLoss(epochs);
                yield new LossPipeline(rules, selection, config.optimizer().loss(), data, inference, config.seed());
            }
            case CLASS_AWARE -> classAware(rules);
            case JOINT ->
                JointPipeline.open(rules, config.joint(), config.ratio(), data, inference, config.seed(), listener);
        };
    }

    private LossSelection byLoss(int epochs) {
        int samples = data.size();
        double ratio = config.ratio();
        long seed = config.seed();
        return switch (config.method()) {
            case EPSILON_GREEDY ->
                LossBandit.epsilonGreedy(LossBandit.Setting.of(samples, ratio, epochs, seed), EXPLORED);
            case UCB ->
                LossBandit.upperConfidenceBound(LossBandit.Setting.of(samples, ratio, epochs, seed), CONFIDENCE);
            case INFOBATCH -> new InfoBatch(samples, 1 - ratio, 1, epochs, seed);
            case SETA -> new SlidingWindow(samples, seta(), seed);
            case IES -> new InstanceEarlyStopping(samples, config.settled());
            default -> throw new IllegalStateException(config.method() + " knows no losses");
        };
    }

    /** An epoch of the released code has as many turns as give every sample of the largest class its own. */
    private Curriculum classAware(EpochRules rules) {
        int[] labels = labels();
        boolean released = config.longTail().profile() == Profile.RELEASED;
        int whole = released ? ClassAwareSampling.wholeRounds(labels) : labels.length;
        int visits = Training.selected(config, whole);
        EpochRules turns = new EpochRules(
                rules.samples(), visits, rules.annealing(), rules.selectedPolicy(), rules.annealingPolicy());
        int perTurn = config.longTail().perTurn();
        return new SelectionPipeline(turns, new ClassAwareSampling(labels, perTurn, visits, config.seed()));
    }

    private int[] labels() {
        return IntStream.range(0, data.size()).map(data::label).toArray();
    }

    private SlidingWindow.Setting seta() {
        SlidingWindow.Setting usual = SlidingWindow.Setting.CIFAR;
        return new SlidingWindow.Setting(usual.dropped(), usual.groups(), config.ratio());
    }
}
