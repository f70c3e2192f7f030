package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.MixStep;
import dev.quern.augment.Mixing;
import java.util.Arrays;

/**
 * Every image becomes λ of itself and 1 − λ of its partner, λ ~ Beta(α, α), one λ a batch (Zhang et al. 2018).
 *
 * @param alpha &gt; 0; 1 for CIFAR, 0.2 for ImageNet are usual
 */
public record Mixup(double alpha) implements MixStep {
    private static final int PARTNERS = 0;
    private static final int LAMBDA = 2;

    public Mixup {
        Arguments.inside("alpha", alpha, 1e-3, 1e3);
    }

    @Override
    public Mixing draw(Draws draws, int size, int height, int width) {
        float[] lambda = new float[size];
        Arrays.fill(lambda, (float) draws.beta(alpha, alpha, LAMBDA));
        return new Mixing(Mixing.partners(draws, size, PARTNERS), lambda, lambda, new int[0]);
    }
}
