package dev.quern.study;

import dev.quern.analysis.Diversity;
import dev.quern.analysis.LabelledFeatures;
import dev.quern.analysis.Otdd;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.data.Splits;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.record.FeedMetrics;
import dev.quern.train.record.FeedMonitor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares the samples of an epoch, as its policy augments them at the epoch's end, with the training set. The frozen network is learned when it
 * is first needed.
 */
public final class SimilarityTracker implements FeedMonitor {
    private final Tracking tracking;
    private final Splits data;
    private final long seed;
    private final Inference inference;
    private final Weights weights;
    private Network network;
    private LabelledFeatures originals;

    /** Where the weights of the frozen network are. */
    @FunctionalInterface
    public interface Weights {
        /** Their file; learns them first where that is to be done. */
        Path file() throws IOException;
    }

    /** @param inference on the device of the frozen network */
    public SimilarityTracker(Tracking tracking, Splits data, long seed, Inference inference, Weights weights) {
        this.tracking = tracking;
        this.data = data;
        this.seed = seed;
        this.inference = inference;
        this.weights = weights;
    }

    @Override
    public boolean isDue(int epoch) {
        return (epoch + 1) % tracking.every() == 0;
    }

    @Override
    public FeedMetrics measure(int epoch, int[] samples, AugmentPolicy policy) throws IOException {
        open();
        LabelledFeatures fed = features(spread(samples), policy, epoch);
        double similarity =
                Otdd.PAPER.between(inference.engine(), originals, fed).similarity();
        Diversity diversity = Diversity.of(originals, fed);
        return new FeedMetrics(similarity, diversity.value(), diversity.stable());
    }

    private void open() throws IOException {
        if (originals != null) {
            return;
        }
        Path learned = weights.file();
        if (network == null) {
            network =
                    tracking.encoder().model().create(data.train().classNames().size());
            network.to(inference.engine().device());
        }
        StateDict.load(network, learned, StateDict.Part.WHOLE);
        int[] all = IntStream.range(0, data.train().size()).toArray();
        originals = features(spread(all), new NoAugment(), 0);
    }

    private LabelledFeatures features(int[] samples, AugmentPolicy policy, int epoch) throws IOException {
        Embedding embedding = new Embedding(network, inference, Embedding.Layer.PENULTIMATE);
        return embedding.of(data.train(), new InputBatches.Pass(samples, List.of(policy), seed, epoch));
    }

    /** As many of the samples as are compared at most, at even distances. */
    private int[] spread(int[] samples) {
        int count = Math.min(samples.length, tracking.images());
        return IntStream.range(0, count)
                .map(i -> samples[(int) ((long) i * samples.length / count)])
                .toArray();
    }

    @Override
    public void close() {
        if (network != null) {
            network.close();
        }
    }
}
