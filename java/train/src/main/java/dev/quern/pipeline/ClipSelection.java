package dev.quern.pipeline;

import dev.quern.data.Profile;
import dev.quern.kernels.Engine;
import dev.quern.nn.ClipAdapters;
import dev.quern.select.AlignmentDiversity;
import dev.quern.select.Selector;
import dev.quern.train.ExitWait;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import java.util.OptionalInt;

/**
 * CLIP-powered data selection (Yang et al. 2025): adapters learn from frozen embeddings and the given labels; images that agree with the text
 * of their label and lie far from the others of their class are kept.
 *
 * @param scores alignment and diversity of every sample
 * @param suspects samples whose label is probably wrong, because another class's text is nearer; the clearest first
 * @param seconds what it took
 */
public record ClipSelection(AlignmentDiversity scores, int[] suspects, Seconds seconds) implements Selector {
    /** Seconds by phase, the embeddings not included. */
    public record Seconds(double adapters, double alignment, double diversity) {}

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
    public record Settings(AdapterConfig adapters, int folds, OptionalInt neighbours, Profile profile, long seed) {
        public static final Settings DEFAULT =
                new Settings(AdapterConfig.DEFAULT, 5, OptionalInt.empty(), Profile.PAPER, 0);

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

        public Settings withAdapters(AdapterConfig adapters) {
            return new Settings(adapters, folds, neighbours, profile, seed);
        }

        public Settings withFolds(int folds) {
            return new Settings(adapters, folds, neighbours, profile, seed);
        }

        public Settings withNeighbours(int neighbours) {
            return new Settings(adapters, folds, OptionalInt.of(neighbours), profile, seed);
        }

        public Settings withProfile(Profile profile) {
            return new Settings(adapters, folds, neighbours, profile, seed);
        }

        public Settings withSeed(long seed) {
            return new Settings(adapters, folds, neighbours, profile, seed);
        }
    }

    /**
     * Scores every sample.
     *
     * @param embeddings not normalised
     * @throws StoppedException when asked to stop before the end
     */
    public static ClipSelection of(Engine engine, ClipEmbeddings embeddings, Settings settings, StopSignal stop)
            throws StoppedException {
        long[] spent = new long[3];
        EmbeddingScores scores = new EmbeddingScores(engine, embeddings, settings.neighbours, settings.profile);
        try (ExitWait wait = ExitWait.of(stop)) {
            for (CrossFit fold : settings.split(embeddings.samples())) {
                try (ClipAdapters adapters = new ClipAdapters(embeddings.dimension())) {
                    long start = System.nanoTime();
                    settings.adapters.learn(adapters, embeddings, fold.learned(), settings.seed, stop);
                    long learned = System.nanoTime();
                    scores.align(adapters, fold.scored());
                    long aligned = System.nanoTime();
                    scores.diversify(adapters, fold.scored());
                    spent[0] += learned - start;
                    spent[1] += aligned - learned;
                    spent[2] += System.nanoTime() - aligned;
                }
            }
        }
        Seconds seconds = new Seconds(spent[0] * 1e-9, spent[1] * 1e-9, spent[2] * 1e-9);
        return new ClipSelection(scores.scaled(), scores.suspects(), seconds);
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
