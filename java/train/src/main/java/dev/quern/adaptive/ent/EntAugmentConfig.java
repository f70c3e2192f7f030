package dev.quern.adaptive.ent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.Adapted;
import dev.quern.adaptive.AdaptedRun;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.adaptive.AdaptiveViews;
import dev.quern.adaptive.Magnitudes;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.Profile;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;

/**
 * EntAugment (Yang et al. 2024): a sample is augmented the more strongly the more certain the network is of it.
 *
 * @param profile of the magnitudes
 * @param trivialEpochs first epochs, which use TrivialAugment, ≥ 1; 11 as published
 * @param translate pixels of the largest translation, 1 … 16384
 * @param cutout side in pixels, 0 … 16384; 0: none
 */
@RecordBuilder
public record EntAugmentConfig(Profile profile, int trivialEpochs, int translate, int cutout)
        implements EntAugmentConfigBuilder.With, AdaptiveConfig {
    public EntAugmentConfig {
        Fields.atLeast("trivialEpochs", trivialEpochs, 1);
        Fields.require("translate", translate, translate >= 1 && translate <= MOST_PIXELS, "1 … " + MOST_PIXELS);
        Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
    }

    /** The published settings: 11 epochs of TrivialAugment, 10 pixels. */
    public static EntAugmentConfig of(Profile profile, int cutout) {
        return new EntAugmentConfig(profile, 11, 10, cutout);
    }

    @Override
    public Optional<MagnitudeSpace> space() {
        return Optional.of(new MagnitudeSpace(profile, translate));
    }

    @Override
    public String label() {
        return "entaugment";
    }

    @Override
    public void describe(ObjectNode node) {
        node.put("profile", Fields.word(profile)).put("trivial_epochs", trivialEpochs);
        node.put("translate", translate).put("cutout", cutout);
    }

    @Override
    public Adapted adapt(AdaptedRun run) {
        AdaptiveViews views = AdaptiveViews.of(this, run.train());
        EntAugment adaptation = new EntAugment(this, views, new Magnitudes(run.train()));
        return new Adapted(adaptation::policy, adaptation);
    }
}
