package dev.quern.pipeline;

import dev.quern.augment.MagnitudeSpace;
import dev.quern.data.Profile;
import dev.quern.nn.ActorCritic;
import java.util.Optional;
import java.util.Set;

/** Whether augmentation adapts to the network, and how. */
public sealed interface AdaptiveConfig
        permits AdaptiveConfig.None,
                AdaptiveConfig.AdaAugment,
                AdaptiveConfig.EntAugment,
                AdaptiveConfig.MadAugment,
                TeachAugmentConfig {
    /** Side of an image in pixels that no cutout needs to exceed. */
    int MOST_PIXELS = 16_384;

    /** It does not. */
    record None() implements AdaptiveConfig {
        @Override
        public int cutout() {
            return 0;
        }

        @Override
        public String label() {
            return "none";
        }
    }

    /**
     * AdaAugment (Yang et al. 2024): an agent draws a magnitude for each sample from the network's features.
     *
     * @param quirks of the released code that are followed
     * @param agent widths of its networks
     * @param reward scale of the rewards
     * @param translate pixels of the largest translation, 1 … 16384
     * @param cutout side in pixels, 0 … 16384; 0: none
     */
    record AdaAugment(Set<Quirk> quirks, ActorCritic.Size agent, Reward reward, int translate, int cutout)
            implements AdaptiveConfig {
        /** What the agent is rewarded with. */
        public enum Reward {
            /** The reward itself. */
            RAW,
            /** Centred and scaled by running statistics of its batch means. */
            NORMALIZED
        }

        public AdaAugment {
            quirks = Set.copyOf(quirks);
            Fields.require("translate", translate, translate >= 1 && translate <= MOST_PIXELS, "1 … " + MOST_PIXELS);
            Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
        }

        /** The published settings: agent as released, raw rewards, 10 pixels. */
        public static AdaAugment of(Profile profile, int cutout) {
            return new AdaAugment(Quirk.of(profile), ActorCritic.Size.RELEASED, Reward.RAW, 10, cutout);
        }

        public AdaAugment withQuirks(Set<Quirk> quirks) {
            return new AdaAugment(quirks, agent, reward, translate, cutout);
        }

        public AdaAugment withAgent(ActorCritic.Size agent) {
            return new AdaAugment(quirks, agent, reward, translate, cutout);
        }

        public AdaAugment withReward(Reward reward) {
            return new AdaAugment(quirks, agent, reward, translate, cutout);
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
    }

    /**
     * EntAugment (Yang et al. 2024): a sample is augmented the more strongly the more certain the network is of it.
     *
     * @param profile of the magnitudes
     * @param trivialEpochs first epochs, which use TrivialAugment, ≥ 1; 11 as published
     * @param translate pixels of the largest translation, 1 … 16384
     * @param cutout side in pixels, 0 … 16384; 0: none
     */
    record EntAugment(Profile profile, int trivialEpochs, int translate, int cutout) implements AdaptiveConfig {
        public EntAugment {
            Fields.atLeast("trivialEpochs", trivialEpochs, 1);
            Fields.require("translate", translate, translate >= 1 && translate <= MOST_PIXELS, "1 … " + MOST_PIXELS);
            Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
        }

        /** The published settings: 11 epochs of TrivialAugment, 10 pixels. */
        public static EntAugment of(Profile profile, int cutout) {
            return new EntAugment(profile, 11, 10, cutout);
        }

        public EntAugment withTrivialEpochs(int trivialEpochs) {
            return new EntAugment(profile, trivialEpochs, translate, cutout);
        }

        @Override
        public Optional<MagnitudeSpace> space() {
            return Optional.of(new MagnitudeSpace(profile, translate));
        }

        @Override
        public String label() {
            return "entaugment";
        }
    }

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
    record MadAugment(
            Profile profile,
            int ops,
            double temperature,
            int every,
            double noise,
            double ramp,
            double heldOut,
            int cutout)
            implements AdaptiveConfig {
        private static final int MOST_OPS = 4;
        private static final double FIRST_SHARE = 0.01;

        public MadAugment {
            Fields.require("ops", ops, ops >= 1 && ops <= MOST_OPS, "1 … " + MOST_OPS);
            Fields.require("temperature", temperature, temperature > 0 && temperature < 1e6, "above 0, below 1e6");
            Fields.atLeast("every", every, 1);
            Fields.require("noise", noise, noise >= 0 && noise <= 1, "0 … 1");
            Fields.require("ramp", ramp, ramp > 0 && ramp < 1e6, "above 0, below 1e6");
            Fields.shareAbove("heldOut", heldOut, 0, 0.5);
            Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
        }

        /** The published settings, and a tenth of the training set held out. */
        public static MadAugment of(Profile profile, int cutout) {
            return new MadAugment(profile, 2, 3, 3, 0.3, 40, 0.1, cutout);
        }

        public MadAugment withEvery(int every) {
            return new MadAugment(profile, ops, temperature, every, noise, ramp, heldOut, cutout);
        }

        public MadAugment withRamp(double ramp) {
            return new MadAugment(profile, ops, temperature, every, noise, ramp, heldOut, cutout);
        }

        public MadAugment withHeldOut(double heldOut) {
            return new MadAugment(profile, ops, temperature, every, noise, ramp, heldOut, cutout);
        }

        /** Share of the samples that is augmented in an epoch counted from 0. */
        double share(int epoch) {
            return Math.min(StrictMath.tanh(epoch / ramp) + FIRST_SHARE, 1);
        }

        @Override
        public String label() {
            return "madaug";
        }
    }

    /** Side of the cutout in pixels; 0: none. */
    int cutout();

    /** What a sample's one magnitude means for each op, where a sample has only one. */
    default Optional<MagnitudeSpace> space() {
        return Optional.empty();
    }

    /** What results call it. */
    String label();
}
