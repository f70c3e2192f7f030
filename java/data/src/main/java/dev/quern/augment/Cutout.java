package dev.quern.augment;

import dev.quern.kernels.EraseBoxes;

/**
 * A square set to the training mean, its centre uniform, clipped to the image (DeVries and Taylor 2017).
 *
 * @param size side in pixels, ≥ 0; 16 for CIFAR-10, 8 for CIFAR-100, 20 for SVHN, 112 for ImageNet are usual
 * @param probability in [0, 1]
 */
public record Cutout(int size, double probability) implements EraseStep {
    public Cutout {
        Arguments.inside("size", size, 0, 16_384);
        Arguments.share("p", probability);
    }

    boolean applies(Draws draws) {
        return draws.happens(probability, 0);
    }

    int centreY(Draws draws, int height) {
        return draws.below(height, 1);
    }

    int centreX(Draws draws, int width) {
        return draws.below(width, 2);
    }

    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        if (applies(draws)) {
            int y = centreY(draws, height) - size / 2;
            int x = centreX(draws, width) - size / 2;
            boxes.add(row, y, x, y + size, x + size, 0, 0, 0);
        }
    }
}
