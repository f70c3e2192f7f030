package dev.quern.setting;

import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.Policies;
import dev.quern.augment.policy.Published;
import dev.quern.augment.policy.Published.Benchmark;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import java.io.IOException;

/**
 * What happens to a sample before it is learned.
 *
 * @param policy as {@link Policies#parse} reads it
 * @param profile whose version of it
 */
public record Augmentation(String policy, Profile profile) {
    /** Crop with 4 pixels of padding at 32×32, and flip. */
    public static final Augmentation NONE = new Augmentation("none", Profile.PAPER);
    /** The images as they are. */
    public static final Augmentation ORIGINAL = new Augmentation("original()", Profile.PAPER);

    /** TrivialAugment (Müller and Hutter 2021) before crop and flip. */
    public static final Augmentation TRIVIAL = new Augmentation("trivial", Profile.PAPER);

    /**
     * Checks the text, and the file it names, before there is any data.
     *
     * @throws IllegalArgumentException naming what is wrong
     * @throws IOException naming the file a policy is read from and what is wrong with it
     */
    public void check() throws IOException {
        Policies.parse(policy, Published.of(profile, 32, 32, 1));
    }

    /**
     * The policy for a data set.
     *
     * @param dataset specification, whose published settings are taken where there are any
     * @param epochs of the training
     */
    public StepPolicy of(String dataset, ImageDataset data, int epochs) throws IOException {
        Published published = Published.of(profile, data.height(), data.width(), epochs);
        return Policies.parse(
                policy, dataset.startsWith("cifar100") ? published.withBenchmark(Benchmark.CIFAR100) : published);
    }
}
