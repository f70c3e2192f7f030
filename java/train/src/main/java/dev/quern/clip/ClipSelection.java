package dev.quern.clip;

import dev.quern.data.Profile;
import dev.quern.kernels.Engine;
import dev.quern.nn.clip.ClipAdapters;
import dev.quern.nn.clip.DualEncoder;
import dev.quern.select.Selector;
import dev.quern.select.coreset.AlignmentDiversity;
import dev.quern.setting.Fields;
import dev.quern.train.ExitWait;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * CLIP-powered data selection (Yang et al. 2025): adapters learn from frozen embeddings and the given labels; images that agree with the text
 * of their label and lie far from the others of their class are kept.
 *
 * @param scores alignment and diversity of every sample
 * @param suspects samples whose label is probably wrong, because another class's text is nearer, and as near as to that class's own samples; the
 *     clearest first
 * @param seconds what it took
 */
public record ClipSelection(AlignmentDiversity scores, int[] suspects, Seconds seconds) implements Selector {
    /** Seconds by phase: adapters or dual encoders, alignment, diversity. CLIP's embeddings are not included. */
    public record Seconds(double learning, double alignment, double diversity) {}

    /**
     * How samples are scored.
     *
     * @param folds adapters that score a fold have learned from the other folds, so that none has seen the labels it judges: 2 and more; 1: one
     *     pair of adapters learns from all samples and scores them all, as published
     * @param neighbours K nearest images of the class whose distance counts, 1 … 1023, the class at most; empty: a tenth of the class. Published: 100
     *     for CIFAR-10, 50 for CIFAR-100
     * @param profile RELEASED: alignment is computed with the text adapter on both sides, and a sample counts as one of its K neighbours
     * @param seed of batches and folds
     */
    @RecordBuilder
    public record Settings(AdapterConfig adapters, int folds, OptionalInt neighbours, Profile profile, long seed)
            implements ClipSelectionSettingsBuilder.With {
        /** For labels that may be wrong: cross-fitted adapters, and no punishment for agreeing with another image's text of the same class. */
        public static final Settings DEFAULT =
                new Settings(AdapterConfig.DEFAULT, 5, OptionalInt.empty(), Profile.PAPER, 0);

        /** As published: one pair of adapters for all samples, learned with the loss per pair. */
        public static final Settings PUBLISHED =
                DEFAULT.withFolds(1).withAdapters(AdapterConfig.DEFAULT.withLoss(AdapterConfig.Loss.INFONCE_DIAG));

        public Settings {
            Fields.require("folds", folds, folds >= 1, "≥ 1");
            Fields.require(
                    "neighbours",
                    neighbours.orElse(1),
                    neighbours.orElse(1) >= 1 && neighbours.orElse(1) <= 1023,
                    "1 … 1023");
        }

        private CrossFit[] split(int samples) {
            return folds == 1 ? new CrossFit[] {CrossFit.whole(samples)} : CrossFit.folds(samples, folds, seed);
        }

        public Settings withNeighbours(int neighbours) {
            return withNeighbours(OptionalInt.of(neighbours));
        }
    }

    /**
     * Scores every sample by the embeddings of CLIP.
     *
     * @param embeddings not normalised
     * @throws StoppedException when asked to stop before the end
     */
    public static ClipSelection of(Engine engine, ClipEmbeddings embeddings, Settings settings, StopSignal stop)
            throws StoppedException {
        Scoring scoring = new Scoring(engine, embeddings.samples(), settings);
        try (ExitWait wait = ExitWait.of(stop)) {
            for (CrossFit fold : settings.split(embeddings.samples())) {
                try (ClipAdapters adapters = new ClipAdapters(embeddings.dimension())) {
                    long start = System.nanoTime();
                    settings.adapters.learn(adapters, embeddings, fold.learned(), settings.seed, stop);
                    scoring.add(embeddings, adapters, fold.scored(), start);
                }
            }
        }
        return scoring.result();
    }

    /**
     * Scores every sample where there is no CLIP: each fold by the embeddings of a {@link DualEncoder} that has learned from the other folds, without
     * adapters.
     *
     * @throws StoppedException when asked to stop before the end
     */
    public static ClipSelection ofDualEncoder(DualEncoderTraining training, Settings settings) throws IOException {
        int samples = training.data().size();
        Scoring scoring = new Scoring(training.inference().engine(), samples, settings);
        CrossFit[] folds = settings.split(samples);
        try (ExitWait wait = ExitWait.of(training.inference().stop())) {
            for (int fold = 0; fold < folds.length; fold++) {
                long start = System.nanoTime();
                try (DualEncoder encoder = training.learn(folds[fold].learned(), fold);
                        ClipAdapters none = new ClipAdapters(encoder.featureSize())) {
                    scoring.add(training.embed(encoder), none, folds[fold].scored(), start);
                }
            }
        }
        return scoring.result();
    }

    /** Scores fold by fold, and the time they take. */
    private static final class Scoring {
        private final EmbeddingScores scores;
        private double learning;
        private double alignment;
        private double diversity;

        Scoring(Engine engine, int samples, Settings settings) {
            scores = new EmbeddingScores(engine, samples, settings.neighbours, settings.profile);
        }

        /** @param start when learning began */
        void add(ClipEmbeddings embeddings, ClipAdapters adapters, int[] samples, long start) {
            long learned = System.nanoTime();
            scores.align(embeddings, adapters, samples);
            long aligned = System.nanoTime();
            scores.diversify(embeddings, adapters, samples);
            learning += (learned - start) * 1e-9;
            alignment += (aligned - learned) * 1e-9;
            diversity += (System.nanoTime() - aligned) * 1e-9;
        }

        ClipSelection result() {
            return new ClipSelection(scores.scaled(), scores.suspects(), new Seconds(learning, alignment, diversity));
        }
    }

    @Override
    public String name() {
        return "clip";
    }

    /**
     * The samples of greatest merit.
     *
     * @param ratio above 0, below 1
     */
    @Override
    public int[] select(double ratio) {
        return scores.select(ratio);
    }
}
