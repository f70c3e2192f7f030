package dev.quern.pipeline;

import dev.quern.analysis.Diversity;
import dev.quern.analysis.LabelledFeatures;
import dev.quern.analysis.Otdd;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.data.Splits;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.train.FeedMetrics;
import dev.quern.train.FeedMonitor;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares the samples of an epoch, as its policy augments them at the epoch's end, with the training set. The frozen network is learned when it
 * is first needed.
 */
final class SimilarityTracker implements FeedMonitor {
    private final TrainConfig config;
    private final Splits data;
    private final Inference inference;
    private final Path folder;
    private Network network;
    private LabelledFeatures originals;

    /** @param folder where the frozen network is learned */
    SimilarityTracker(TrainConfig config, Splits data, Inference inference, Path folder) {
        this.config = config;
        this.data = data;
        this.inference = inference;
        this.folder = folder;
    }

    @Override
    public boolean isDue(int epoch) {
        return (epoch + 1) % config.tracking().every() == 0;
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
        EncoderConfig encoder = config.tracking().encoder();
        TrainConfig.RuntimeConfig runtime = TrainConfig.RuntimeConfig.DEFAULT
                .withThreads(config.runtime().threads())
                .withPrecision(config.runtime().precision())
                .withDevice(config.runtime().device());
        Path weights = encoder.weights(config.dataset(), data, config.seed(), runtime, folder, inference.stop());
        if (network == null) {
            network = encoder.model().create(data.train().classNames().size());
            network.to(config.runtime().device());
        }
        StateDict.load(network, weights, StateDict.Part.WHOLE);
        int[] all = IntStream.range(0, data.train().size()).toArray();
        originals = features(spread(all), new NoAugment(), 0);
    }

    private LabelledFeatures features(int[] samples, AugmentPolicy policy, int epoch) throws IOException {
        Embedding embedding = new Embedding(network, inference, Embedding.Layer.PENULTIMATE);
        return embedding.of(data.train(), new InputBatches.Pass(samples, List.of(policy), config.seed(), epoch));
    }

    /** As many of the samples as are compared at most, at even distances. */
    private int[] spread(int[] samples) {
        int count = Math.min(samples.length, config.tracking().images());
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
