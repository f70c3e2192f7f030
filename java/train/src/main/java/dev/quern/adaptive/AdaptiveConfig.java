package dev.quern.adaptive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.train.Adaptation;
import java.io.IOException;
import java.util.Optional;

/** Whether augmentation adapts to the network, and how. */
public interface AdaptiveConfig {
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

        @Override
        public void describe(ObjectNode node) {}

        @Override
        public Adapted adapt(AdaptedRun run) throws IOException {
            AugmentPolicy policy = run.augmentation().of(run.dataset(), run.train(), run.epochs());
            return new Adapted(epoch -> policy, Adaptation.NONE);
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

    /** Share of the training set that only the adaptation learns from; 0: none. */
    default double heldOut() {
        return 0;
    }

    /** Fewest images of a batch that it learns from, ≥ 1. */
    default int smallestBatch() {
        return 1;
    }

    /** Whether its policy alone says what the network is fed, so that it can be drawn once more. */
    default boolean redrawn() {
        return true;
    }

    /** Writes its settings, as they stand in {@code config.json}. */
    void describe(ObjectNode node);

    /** Opens what adapts a run; the caller closes it. */
    Adapted adapt(AdaptedRun run) throws IOException;
}
