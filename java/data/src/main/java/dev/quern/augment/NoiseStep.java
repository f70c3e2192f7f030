package dev.quern.augment;

/** A step on values in [0, 1], before normalisation; it runs in Java. */
@FunctionalInterface
public non-sealed interface NoiseStep extends Step {
    /** The values of one image in [0, 1]. */
    interface Values {
        float get(int y, int x, int channel);

        void set(int y, int x, int channel, float value);
    }

    /** Changes an image in place. */
    void add(Draws draws, int height, int width, Values values);
}
