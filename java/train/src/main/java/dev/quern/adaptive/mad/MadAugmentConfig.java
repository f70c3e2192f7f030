package dev.quern.adaptive.mad;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.Adapted;
import dev.quern.adaptive.AdaptedRun;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.data.Profile;
import dev.quern.setting.Fields;
import dev.quern.setting.OptimizerConfig;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * MADAug (Hou et al. 2023): a linear policy on the network's features chooses ops and magnitudes, and learns from images held out.
 *
 * @param profile of the magnitudes
 * @param ops drawn for a sample, 1 … 4; 2 as published
 * @param temperature of the weights that ops are drawn by, &gt; 0; 3 as published
 * @param every steps between changes of the policy, ≥ 1; 3 as published
 * @param noise largest change of a magnitude by chance, in [0, 1]; 0.3 as published
 * @param ramp τ in epochs, &gt; 0: min(tanh(e/τ) + 0.01, 1) of the samples are augmented; 40 as published
 * @param heldOut share of the training set that only the policy learns from, above 0, at most 0.5
 * @param cutout side in pixels, 0 … 16384; 0: none
 */
@RecordBuilder
public record MadAugmentConfig(
        Profile profile, int ops, double temperature, int every, double noise, double ramp, double heldOut, int cutout)
        implements MadAugmentConfigBuilder.With, AdaptiveConfig {
    private static final int MOST_OPS = 4;
    private static final double FIRST_SHARE = 0.01;

    public MadAugmentConfig {
        Fields.require("ops", ops, ops >= 1 && ops <= MOST_OPS, "1 … " + MOST_OPS);
        Fields.require("temperature", temperature, temperature > 0 && temperature < 1e6, "above 0, below 1e6");
        Fields.atLeast("every", every, 1);
        Fields.require("noise", noise, noise >= 0 && noise <= 1, "0 … 1");
        Fields.require("ramp", ramp, ramp > 0 && ramp < 1e6, "above 0, below 1e6");
        Fields.shareAbove("heldOut", heldOut, 0, 0.5);
        Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
    }

    /** The published settings, and a tenth of the training set held out. */
    public static MadAugmentConfig of(Profile profile, int cutout) {
        return new MadAugmentConfig(profile, 2, 3, 3, 0.3, 40, 0.1, cutout);
    }

    /** Share of the samples that is augmented in an epoch counted from 0. */
    double share(int epoch) {
        return Math.min(StrictMath.tanh(epoch / ramp) + FIRST_SHARE, 1);
    }

    @Override
    public String label() {
        return "madaug";
    }

    @Override
    public void describe(ObjectNode node) {
        node.put("profile", Fields.word(profile)).put("ops", ops);
        node.put("temperature", temperature).put("every", every);
        node.put("noise", noise).put("ramp", ramp);
        node.put("held_out", heldOut).put("cutout", cutout);
    }

    @Override
    public Adapted adapt(AdaptedRun run) {
        OptimizerConfig learning = run.optimizer();
        MadAugment adaptation = new MadAugment(
                this, run.parts(), run.network(), run.inference(), learning.batch(), learning.loss(), run.seed());
        return new Adapted(epoch -> adaptation.policy(), adaptation);
    }
}
