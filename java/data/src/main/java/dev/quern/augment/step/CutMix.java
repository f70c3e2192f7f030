package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.MixStep;
import dev.quern.augment.Mixing;
import java.util.Arrays;

/**
 * Every image takes a box from its partner, of a share 1 − λ of its area before clipping, λ ~ Beta(α, α), one box a batch (Yun et al. 2019).
 * Labels are mixed by the area really taken.
 *
 * @param alpha &gt; 0; 1 is usual
 * @param probability of mixing a batch, in [0, 1]; 0.5 for CIFAR, 1 for ImageNet are usual
 */
public record CutMix(double alpha, double probability) implements MixStep {
    private static final int PARTNERS = 0;
    private static final int APPLY = 1;
    private static final int CENTRE = 2;
    private static final int LAMBDA = 4;

    public CutMix {
        Arguments.inside("alpha", alpha, 1e-3, 1e3);
        Arguments.share("p", probability);
    }

    @Override
    public Mixing draw(Draws draws, int size, int height, int width) {
        int[] box = draws.happens(probability, APPLY) ? box(draws, height, width) : new int[4];
        double taken = (double) (box[2] - box[0]) * (box[3] - box[1]) / ((double) height * width);
        float[] lambda = new float[size];
        float[] whole = new float[size];
        Arrays.fill(lambda, (float) (1 - taken));
        Arrays.fill(whole, 1);
        int[] boxes = new int[4 * size];
        for (int i = 0; i < boxes.length; i++) {
            boxes[i] = box[i % 4];
        }
        return new Mixing(Mixing.partners(draws, size, PARTNERS), lambda, whole, boxes);
    }

    private int[] box(Draws draws, int height, int width) {
        double side = Math.sqrt(1 - draws.beta(alpha, alpha, LAMBDA));
        int halfHeight = (int) (height * side) / 2;
        int halfWidth = (int) (width * side) / 2;
        int y = draws.below(height, CENTRE);
        int x = draws.below(width, CENTRE + 1);
        return new int[] {
            Math.max(0, y - halfHeight),
            Math.max(0, x - halfWidth),
            Math.min(height, y + halfHeight),
            Math.min(width, x + halfWidth)
        };
    }
}
