package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.CropFlip;
import dev.quern.augment.NoAugment;
import dev.quern.augment.TrivialAugment;

/** What happens to a sample before it is learned. */
public enum Augmentation {
    /** Crop with 4 pixels of padding at 32×32, and flip. */
    NONE {
        @Override
        AugmentPolicy policy(int side) {
            return new CropFlip(new NoAugment(), padding(side));
        }
    },
    /** TrivialAugment (Müller and Hutter 2021) in its standard space before crop and flip. */
    TRIVIAL {
        @Override
        AugmentPolicy policy(int side) {
            return new CropFlip(new TrivialAugment(TrivialAugment.Space.STANDARD), padding(side));
        }
    };

    /** The policy for images of {@code side} pixels. */
    abstract AugmentPolicy policy(int side);

    private static int padding(int side) {
        return side / 8;
    }
}
