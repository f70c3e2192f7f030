package dev.quern.adaptive;

import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.nn.Network;
import dev.quern.setting.Augmentation;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.Inference;

/**
 * What a run offers to the augmentation that adapts to it.
 *
 * @param dataset specification
 * @param augmentation where nothing adapts
 * @param parts training images, and those held out from them where {@link AdaptiveConfig#heldOut} asks for some
 * @param network that learns
 * @param optimizer how it learns
 */
public record AdaptedRun(
        String dataset,
        Augmentation augmentation,
        Splits parts,
        Network network,
        Inference inference,
        int epochs,
        OptimizerConfig optimizer,
        long seed) {
    /** The training images. */
    public ImageDataset train() {
        return parts.train();
    }
}
