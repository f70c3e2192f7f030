package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Crop;
import dev.quern.augment.Flip;
import dev.quern.augment.RandomOps;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.TrivialSpace;
import java.util.List;

/** What happens to a sample before it is learned. */
public enum Augmentation {
    /** Crop with 4 pixels of padding at 32×32, and flip. */
    NONE {
        @Override
        AugmentPolicy policy(int side) {
            return new StepPolicy("none", side, side, List.of(new Crop(side / 8), FLIP));
        }
    },
    /** TrivialAugment (Müller and Hutter 2021) in its standard space before crop and flip. */
    TRIVIAL {
        @Override
        AugmentPolicy policy(int side) {
            TrivialSpace space = new TrivialSpace(TrivialSpace.Posterize.FOUR_DOWN_TO_NONE, 31, 10);
            return new StepPolicy(
                    "trivial", side, side, List.of(RandomOps.trivialAugment(space), new Crop(side / 8), FLIP));
        }
    };

    private static final Flip FLIP = new Flip(Flip.Axis.HORIZONTAL, 0.5);

    /** The policy for images of {@code side} pixels. */
    abstract AugmentPolicy policy(int side);
}
