package dev.quern.augment;

import dev.quern.random.Philox;

/**
 * Which images of a batch were mixed and how: the loss of image b is labelWeights[b] of its own label and 1 − labelWeights[b] of the label of
 * image partners[b].
 *
 * @param partners [B] rows of the same batch
 * @param labelWeights [B] λ in [0, 1]
 * @param imageWeights [B] share of the image's own pixels outside its box, in [0, 1]
 * @param boxes [B,4] y0, x0, y1, x1 of the part taken from the partner, with the second of each exclusive; empty: none
 */
public record Mixing(int[] partners, float[] labelWeights, float[] imageWeights, int[] boxes) {
    /** A random permutation of the rows of a batch. */
    public static int[] partners(Draws draws, int size, int slot) {
        long key = Philox.bits(draws.seed(), draws.epoch(), draws.sample(), draws.first() + slot);
        return Philox.permutation(key, draws.epoch(), size, draws.first() + slot);
    }
}
