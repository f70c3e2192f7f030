package dev.quern.adaptive.ada;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.Adapted;
import dev.quern.adaptive.AdaptedRun;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.adaptive.AdaptiveViews;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.Profile;
import dev.quern.nn.adaptive.ActorCritic;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;
import java.util.Set;

/**
 * AdaAugment (Yang et al. 2024): an agent draws a magnitude for each sample from the network's features.
 *
 * @param quirks of the released code that are followed
 * @param agent widths of its networks
 * @param reward scale of the rewards
 * @param translate pixels of the largest translation, 1 … 16384
 * @param cutout side in pixels, 0 … 16384; 0: none
 */
@RecordBuilder
public record AdaAugmentConfig(Set<Quirk> quirks, ActorCritic.Size agent, Reward reward, int translate, int cutout)
        implements AdaAugmentConfigBuilder.With, AdaptiveConfig {
    /** What the agent is rewarded with. */
    public enum Reward {
        /** The reward itself. */
        RAW,
        /** Centred and scaled by running statistics of its batch means. */
        NORMALIZED
    }

    public AdaAugmentConfig {
        quirks = Set.copyOf(quirks);
        Fields.require("translate", translate, translate >= 1 && translate <= MOST_PIXELS, "1 … " + MOST_PIXELS);
        Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
    }

    /** The published settings: agent as released, raw rewards, 10 pixels. */
    public static AdaAugmentConfig of(Profile profile, int cutout) {
        return new AdaAugmentConfig(Quirk.of(profile), ActorCritic.Size.RELEASED, Reward.RAW, 10, cutout);
    }

    @Override
    public Optional<MagnitudeSpace> space() {
        boolean quantized = quirks.contains(Quirk.QUANTIZED_MAGNITUDES);
        return Optional.of(new MagnitudeSpace(quantized ? Profile.RELEASED : Profile.PAPER, translate));
    }

    @Override
    public String label() {
        return "adaaugment";
    }

    @Override
    public int smallestBatch() {
        return quirks.contains(Quirk.NO_SINGLE_SAMPLE) ? 2 : 1;
    }

    @Override
    public void describe(ObjectNode node) {
        ArrayNode followed = node.putArray("quirks");
        quirks.stream().sorted().forEach(quirk -> followed.add(Fields.word(quirk)));
        node.put("agent", Fields.word(agent)).put("reward", Fields.word(reward));
        node.put("translate", translate).put("cutout", cutout);
    }

    @Override
    public Adapted adapt(AdaptedRun run) {
        AdaptiveViews views = AdaptiveViews.of(this, run.train());
        ActorCritic networks = new ActorCritic(run.network().featureSize(), agent, run.seed());
        networks.to(run.inference().engine().device());
        AdvantageActorCritic learner = new AdvantageActorCritic(networks, run.epochs());
        AdaAugment adaptation =
                new AdaAugment(this, views, run.train(), run.inference(), learner, run.epochs(), run.seed());
        return new Adapted(epoch -> adaptation.policy(), adaptation);
    }
}
