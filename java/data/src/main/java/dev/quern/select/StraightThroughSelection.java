package dev.quern.select;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Selection by gradient descent on one gate per sample, with straight-through gradients (Bengio et al. 2013), at the settings released with
 * CLIP-powered selection (Yang et al. 2025): gate = sigmoid(100·d), SGD with learning rate 1e-3 and momentum 0.9 on
 * −mean(gate·merit) + 2·|selected share − ratio|, until the last term is below 1e-3.
 *
 * <p>Gates start equal and fall faster the smaller the merit, so the kept samples are those of greatest merit:
 * {@link AlignmentDiversity#select} finds them without iterating.
 *
 * @param selected ascending indices
 * @param iterations steps that were taken
 */
public record StraightThroughSelection(int[] selected, int iterations) {
    /** Steps after which the optimiser gives up. */
    public static final int MOST_ITERATIONS = 100_000;

    private static final double START = 0.01;
    private static final double SHARPNESS = 100;
    private static final double SIZE_WEIGHT = 2;
    private static final double TOLERANCE = 1e-3;
    private static final double LEARNING_RATE = 1e-3;
    private static final double MOMENTUM = 0.9;

    /**
     * Runs the optimiser.
     *
     * @param merit [N], finite
     * @param ratio above 0, below 1
     * @throws IllegalStateException if it has not converged after {@link #MOST_ITERATIONS} steps, as when more than ratio·N merits reach 2
     */
    public static StraightThroughSelection of(double[] merit, double ratio) {
        int target = AlignmentDiversity.target(merit.length, ratio);
        double[] gate = new double[merit.length];
        double[] velocity = new double[merit.length];
        Arrays.fill(gate, START);
        int count = merit.length;
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            double excess = (double) (count - target) / merit.length;
            if (SIZE_WEIGHT * Math.abs(excess) < TOLERANCE) {
                return new StraightThroughSelection(kept(gate), iteration);
            }
            count = step(gate, velocity, merit, Math.signum(excess));
        }
        throw new IllegalStateException("the selection at ratio " + ratio + " keeps " + count + " of " + merit.length
                + " samples after " + MOST_ITERATIONS + " steps; the closed form has no such limit");
    }

    /** Moves every gate and counts the open ones. */
    private static int step(double[] gate, double[] velocity, double[] merit, double direction) {
        double scale = SHARPNESS / merit.length;
        int open = 0;
        for (int i = 0; i < gate.length; i++) {
            double soft = 1 / (1 + Math.exp(-SHARPNESS * gate[i]));
            double gradient = scale * soft * (1 - soft) * (SIZE_WEIGHT * direction - merit[i]);
            velocity[i] = MOMENTUM * velocity[i] + gradient;
            gate[i] -= LEARNING_RATE * velocity[i];
            open += gate[i] > 0 ? 1 : 0;
        }
        return open;
    }

    private static int[] kept(double[] gate) {
        return IntStream.range(0, gate.length).filter(i -> gate[i] > 0).toArray();
    }
}
