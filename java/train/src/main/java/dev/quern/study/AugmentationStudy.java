package dev.quern.study;

import dev.quern.analysis.Diversity;
import dev.quern.analysis.LabelledFeatures;
import dev.quern.analysis.Otdd;
import dev.quern.analysis.OtddResult;
import dev.quern.augment.NoAugment;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.StateDict;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.model.Model;
import dev.quern.setting.Augmentation;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Inference;
import dev.quern.train.StopSignal;
import java.io.IOException;
import java.nio.file.Path;

/** Similarity and diversity of augmentations of one data set, seen by one frozen network. For one thread. */
public final class AugmentationStudy implements AutoCloseable {
    private static final int BATCH = 250;

    private final Setting setting;
    private final Splits data;
    private final Engine engine;
    private final Network network;
    private final Embedding embedding;
    private final LabelledFeatures originals;
    private final double cleanAccuracy;

    /**
     * What is studied and how.
     *
     * @param dataset specification, whose published settings policies take
     * @param profile whose version of a policy
     * @param otdd distance that similarity is the negative of
     * @param seed of the augmentations' draws
     */
    public record Setting(String dataset, Profile profile, Embedding.Layer layer, Otdd otdd, long seed) {}

    /**
     * What an augmentation does to the training set.
     *
     * @param affinity accuracy on augmented test images less that on clean ones (Gontijo-Lopes et al. 2020)
     */
    public record Measured(String policy, OtddResult otdd, Diversity diversity, double affinity) {}

    private AugmentationStudy(Setting setting, Splits data, Engine engine, Network network, StopSignal stop)
            throws IOException {
        this.setting = setting;
        this.data = data;
        this.engine = engine;
        this.network = network;
        FusedAugment kernel = FusedAugment.UINT8
                .withPadding(
                        setting.profile == Profile.RELEASED ? FusedAugment.Padding.ZERO : FusedAugment.Padding.REFLECT)
                .normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, ChannelStatistics.of(data.train()));
        embedding = new Embedding(network, new Inference(engine, kernel, Precision.FP32, BATCH, stop), setting.layer);
        originals = embedding.of(data.train(), new NoAugment(), setting.seed);
        cleanAccuracy = embedding.accuracy(data.test(), new NoAugment(), setting.seed);
    }

    /**
     * Loads the network and embeds the originals.
     *
     * @param weights safetensors file of {@code model} for the classes of {@code data}
     */
    public static AugmentationStudy open(
            Setting setting, Splits data, Model model, Path weights, int threads, StopSignal stop) throws IOException {
        model.requireImages(data.train().height(), data.train().width());
        TorchThreads.set(threads);
        Engine engine = Engine.open(TorchThreads.engineOptions(threads));
        Network network = model.create(data.train().classNames().size());
        try {
            StateDict.load(network, weights, StateDict.Part.WHOLE);
            return new AugmentationStudy(setting, data, engine, network, stop);
        } catch (IOException | RuntimeException failure) {
            network.close();
            engine.close();
            throw failure;
        }
    }

    /** Measures one policy against the originals. */
    public Measured measure(String policy) throws IOException {
        ImageDataset train = data.train();
        var drawn = new Augmentation(policy, setting.profile).of(setting.dataset, train, 1);
        LabelledFeatures augmented = embedding.of(train, drawn, setting.seed);
        OtddResult otdd = setting.otdd.between(engine, originals, augmented);
        double affinity = embedding.accuracy(data.test(), drawn, setting.seed) - cleanAccuracy;
        return new Measured(policy, otdd, Diversity.of(originals, augmented), affinity);
    }

    @Override
    public void close() {
        network.close();
        engine.close();
    }
}
