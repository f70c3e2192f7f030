package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.nn.ActorCritic;
import dev.quern.nn.Network;
import dev.quern.train.Adaptation;
import dev.quern.train.AdvantageActorCritic;
import dev.quern.train.Inference;
import java.io.IOException;
import java.util.function.IntFunction;

/** Augmentation of selected samples by epoch, and what adapts it. */
record Adapted(IntFunction<AugmentPolicy> policy, Adaptation adaptation) implements AutoCloseable {
    /**
     * What a configuration asks for.
     *
     * @param parts training images, and those held out from them for {@link MadAugment}
     */
    static Adapted of(TrainConfig config, Splits parts, Network network, int epochs, Inference inference)
            throws IOException {
        ImageDataset data = parts.train();
        if (config.adaptive() instanceof AdaptiveConfig.AdaAugment ada) {
            AdaptiveViews views = views(ada, data);
            ActorCritic networks = new ActorCritic(network.featureSize(), ada.agent(), config.seed());
            networks.to(inference.engine().device());
            AdvantageActorCritic agent = new AdvantageActorCritic(networks, epochs);
            AdaAugment adaptation = new AdaAugment(ada, views, data, inference, agent, epochs, config.seed());
            return new Adapted(epoch -> adaptation.policy(), adaptation);
        }
        if (config.adaptive() instanceof AdaptiveConfig.EntAugment ent) {
            AdaptiveViews views = views(ent, data);
            EntAugment adaptation = new EntAugment(ent, views, new Magnitudes(data));
            return new Adapted(adaptation::policy, adaptation);
        }
        if (config.adaptive() instanceof AdaptiveConfig.MadAugment mad) {
            OptimizerConfig learning = config.optimizer();
            MadAugment adaptation =
                    new MadAugment(mad, parts, network, inference, learning.batch(), learning.loss(), config.seed());
            return new Adapted(epoch -> adaptation.policy(), adaptation);
        }
        if (config.adaptive() instanceof TeachAugmentConfig teach) {
            TeachAugment adaptation = new TeachAugment(
                    teach,
                    data,
                    network,
                    inference.kernel().normalization(),
                    inference.engine().device(),
                    config.seed());
            return new Adapted(epoch -> adaptation.policy(), adaptation);
        }
        AugmentPolicy policy = config.augmentation().of(config.dataset(), data, epochs);
        return new Adapted(epoch -> policy, Adaptation.NONE);
    }

    private static AdaptiveViews views(AdaptiveConfig adaptive, ImageDataset data) {
        return new AdaptiveViews(adaptive.space().orElseThrow(), data.height(), data.width());
    }

    @Override
    public void close() {
        adaptation.close();
    }
}
