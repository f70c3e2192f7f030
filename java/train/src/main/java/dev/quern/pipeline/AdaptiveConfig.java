package dev.quern.pipeline;

import dev.quern.data.Profile;
import dev.quern.nn.ActorCritic;
import java.util.Set;

/** Whether augmentation adapts to the network, and how. */
public sealed interface AdaptiveConfig {
    /** Side of an image in pixels that no cutout needs to exceed. */
    int MOST_PIXELS = 16_384;

    /** It does not. */
    record None() implements AdaptiveConfig {
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
        public String label() {
            return "entaugment";
        }
    }

    /** What results call it. */
    String label();
}
