package dev.quern.augment.policy;

import dev.quern.augment.Step;
import dev.quern.augment.StepPolicy;
import dev.quern.data.Profile;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * Which published settings a policy takes where its arguments say nothing.
 *
 * @param profile whose version
 * @param benchmark the settings' data set
 * @param height rows of the images
 * @param width their columns
 * @param epochs of the training, ≥ 1
 */
@RecordBuilder
public record Published(Profile profile, Benchmark benchmark, int height, int width, int epochs)
        implements PublishedBuilder.With {
    /** Data sets that settings were published for. */
    public enum Benchmark {
        CIFAR10(16),
        CIFAR100(8),
        SVHN(20),
        IMAGENET(112);

        private final int cutout;

        Benchmark(int cutout) {
            this.cutout = cutout;
        }

        /** Side of the usual cutout in pixels. */
        int cutout() {
            return cutout;
        }
    }

    private static final int LARGE_SIDE = 96;
    private static final int RELEASED_PADDING = 4;

    /** The settings for images of this size: CIFAR-10's for small ones, ImageNet's for large ones. */
    public static Published of(Profile profile, int height, int width, int epochs) {
        boolean large = Math.min(height, width) >= LARGE_SIDE;
        return new Published(profile, large ? Benchmark.IMAGENET : Benchmark.CIFAR10, height, width, epochs);
    }

    boolean released() {
        return profile == Profile.RELEASED;
    }

    boolean large() {
        return benchmark == Benchmark.IMAGENET;
    }

    /** Padding of the crop: an eighth of the shorter side, 4 in released code. */
    int padding() {
        return released() ? RELEASED_PADDING : Math.min(height, width) / 8;
    }

    StepPolicy policy(String name, List<Step> steps) {
        return new StepPolicy(name, height, width, steps);
    }
}
