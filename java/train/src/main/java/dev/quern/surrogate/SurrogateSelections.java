package dev.quern.surrogate;

import dev.quern.data.Profile;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.coreset.CoverageCentric;
import dev.quern.select.coreset.D2Pruning;
import dev.quern.select.coreset.DualPruning;
import dev.quern.select.coreset.Glister;
import dev.quern.select.coreset.Herding;
import dev.quern.select.coreset.InfluencePruning;
import dev.quern.select.coreset.ModerateCoreset;
import dev.quern.select.score.GradientNorm;
import dev.quern.select.score.LastLayerGradients;
import dev.quern.select.score.LearningScores;
import dev.quern.select.score.MovingOneSampleOut;
import dev.quern.select.score.PrototypeDistance;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The static methods that watch a surrogate network learn. */
final class SurrogateSelections {
    /** EL2N looks at the beginning of a training, at epoch 10 or 20 of 200. */
    private static final int EARLY_EPOCHS = 10;
    /** Epochs J of TDDS and DUAL, of shorter trainings all. */
    private static final int WINDOW = 10;
    /** Numbers that DP makes of a gradient. */
    private static final int PROJECTION = 256;
    /** Of CCS. */
    private static final int STRATA = 50;
    /** k of D2's graph. */
    private static final int GRAPH_NEIGHBORS = 10;
    /** γ of D2, of the published 0.1 … 1. */
    private static final double GRAPH_WEIGHT = 1;
    /** DUAL's c for ten classes, as published for CIFAR-10, and for more, as for CIFAR-100. */
    private static final double FEW_CLASSES_CURVATURE = 4;

    private static final double MANY_CLASSES_CURVATURE = 5.5;

    private SurrogateSelections() {}

    static StaticSelection el2n(SelectionGround ground) throws IOException {
        Evidence evidence = ground.evidence();
        int epochs = Math.min(EARLY_EPOCHS, evidence.epochs());
        return ground.largest("el2n", LearningScores.el2n(evidence.afterEpochs(epochs)), Quota.GLOBAL);
    }

    /** The checkpoints of one training stand for the paper's networks. */
    static StaticSelection gradientNorm(SelectionGround ground) throws IOException {
        Evidence evidence = ground.evidence();
        GradientNorm norms = new GradientNorm(ground.data().size());
        for (int epoch = 0; epoch < Math.min(EARLY_EPOCHS, evidence.epochs()); epoch++) {
            norms.add(evidence.gradientNorms(epoch));
        }
        return ground.largest("grand", norms.scores(), Quota.GLOBAL);
    }

    static StaticSelection forgetting(SelectionGround ground) throws IOException {
        LearningScores.NeverLearned neverLearned = ground.profile() == Profile.PAPER
                ? LearningScores.NeverLearned.FIRST
                : LearningScores.NeverLearned.ZERO;
        double[] scores = LearningScores.forgetting(ground.evidence().visits(), neverLearned);
        return ground.largest("forgetting", scores, Quota.GLOBAL);
    }

    /** Suspects are the samples that were predicted as another class rather than theirs. */
    static StaticSelection areaUnderMargin(SelectionGround ground) throws IOException {
        double[] scores = LearningScores.areaUnderMargin(ground.evidence().visits());
        BitSet suspects = new BitSet(scores.length);
        IntStream.range(0, scores.length).filter(i -> scores[i] < 0).forEach(suspects::set);
        return ground.largest("aum", scores, Quota.GLOBAL).withSuspects(suspects);
    }

    static StaticSelection herding(SelectionGround ground) throws IOException {
        Herding.Rule rule = ground.profile() == Profile.PAPER ? Herding.Rule.NEAREST : Herding.Rule.FARTHEST;
        float[] features = ground.evidence().features();
        Quota quota = ground.quota(Quota.CLASS_BALANCED);
        return StaticSelection.of(
                new Herding(features, ground.dimension(features), ground.labels(), quota, rule)::select);
    }

    static StaticSelection moderate(SelectionGround ground) throws IOException {
        float[] features = ground.evidence().features();
        return StaticSelection.of(new ModerateCoreset(
                features, ground.dimension(features), ground.labels(), ground.quota(Quota.GLOBAL))::select);
    }

    /** The features are the surrogate's, where the paper's are of a self-supervised network. */
    static StaticSelection prototypes(SelectionGround ground) throws IOException {
        float[] features = ground.evidence().features();
        double[] scores =
                PrototypeDistance.scores(features, ground.dimension(features), ground.classes(), ground.seed());
        return ground.largest("prototypes", scores, Quota.GLOBAL);
    }

    /** The surrogate is one for all samples, where the paper's are eight. */
    static StaticSelection moso(SelectionGround ground) throws IOException {
        Evidence evidence = ground.evidence();
        MovingOneSampleOut sums = new MovingOneSampleOut(ground.data().size());
        for (int epoch = 0; epoch < evidence.epochs(); epoch++) {
            sums.add(evidence.learningRate(epoch), evidence.gradientProducts(epoch));
        }
        return ground.largest("moso", sums.scores(), Quota.CLASS_BALANCED);
    }

    /** The training samples stand for validation samples. */
    static StaticSelection glister(SelectionGround ground) throws IOException {
        LastLayerGradients gradients = ground.evidence().gradients();
        Glister.Update update = ground.profile() == Profile.PAPER ? Glister.Update.TAYLOR : Glister.Update.NONE;
        Glister.Setting setting = new Glister.Setting(update, Glister.Setting.DEFAULT.rate());
        return StaticSelection.of(
                new Glister(gradients, gradients, ground.quota(Quota.CLASS_BALANCED), setting)::select);
    }

    static StaticSelection influencePruning(SelectionGround ground) throws IOException {
        LastLayerGradients gradients = ground.evidence().gradients();
        boolean small = gradients.size() <= PROJECTION;
        float[] rows = small ? gradients.dense() : gradients.projected(PROJECTION, ground.seed());
        return StaticSelection.of(new InfluencePruning(
                rows,
                ground.dimension(rows),
                ground.labels(),
                ground.quota(Quota.GLOBAL),
                InfluencePruning.Setting.DEFAULT,
                ground.seed())::select);
    }

    static StaticSelection coverageCentric(SelectionGround ground) throws IOException {
        double[] difficulty = difficulty(ground);
        int[] labels = ground.labels();
        Quota quota = ground.quota(Quota.GLOBAL);
        return StaticSelection.of(
                        ratio -> new CoverageCentric(difficulty, dropped(ratio), STRATA, ground.seed(), labels, quota)
                                .select(ratio))
                .withScores(difficulty);
    }

    static StaticSelection d2(SelectionGround ground) throws IOException {
        double[] difficulty = difficulty(ground);
        int[] labels = ground.labels();
        Quota quota = ground.quota(Quota.GLOBAL);
        D2Pruning.Neighbors neighbors =
                ground.neighbors(ground.evidence().features(), Math.min(GRAPH_NEIGHBORS, labels.length - 1));
        return StaticSelection.of(ratio ->
                        new D2Pruning(difficulty, neighbors, dropped(ratio), GRAPH_WEIGHT, labels, quota).select(ratio))
                .withScores(difficulty);
    }

    /** How far the area under the margin is below the largest, ≥ 0. */
    private static double[] difficulty(SelectionGround ground) throws IOException {
        double[] areas = LearningScores.areaUnderMargin(ground.evidence().visits());
        double easiest = Arrays.stream(areas).max().orElseThrow();
        return Arrays.stream(areas).map(area -> easiest - area).toArray();
    }

    /** Share of the hardest samples that is left out: β of CCS as published for CIFAR-10. */
    private static double dropped(double ratio) {
        return ratio <= 0.1 ? 0.3 : ratio <= 0.3 ? 0.1 : 0;
    }

    static StaticSelection tdds(SelectionGround ground) throws IOException {
        Evidence evidence = ground.evidence();
        double[] scores = LearningScores.tdds(evidence.visits(), window(evidence), ground.profile());
        return ground.largest("tdds", scores, Quota.GLOBAL);
    }

    static StaticSelection dual(SelectionGround ground) throws IOException {
        Evidence evidence = ground.evidence();
        double curvature = ground.classes() <= 10 ? FEW_CLASSES_CURVATURE : MANY_CLASSES_CURVATURE;
        DualPruning pruning = new DualPruning(evidence.visits(), window(evidence), curvature, ground.sampler());
        return StaticSelection.of(pruning::select).withScores(LearningScores.dual(evidence.visits(), window(evidence)));
    }

    private static int window(Evidence evidence) {
        return Math.min(WINDOW, evidence.epochs());
    }
}
