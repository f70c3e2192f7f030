package dev.quern.select.coreset;

import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.SelectionStep;
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
    private static final double SIZE_WEIGHT = 2;
    private static final double TOLERANCE = 1e-3;
    private static final SelectionStep STEP = new SelectionStep(100, 1e-3, 0.9);

    /**
     * Runs the optimiser.
     *
     * @param merit [N], finite
     * @param ratio above 0, below 1
     * @throws IllegalStateException if it has not converged after {@link #MOST_ITERATIONS} steps, as when more than ratio·N merits reach 2
     */
    public static StraightThroughSelection of(Engine engine, double[] merit, double ratio) {
        AlignmentDiversity.requireRatio(ratio);
        double[] start = new double[merit.length];
        Arrays.fill(start, START);
        long target = (long) Math.floor(merit.length * ratio);
        try (NativeBuffer gate = NativeBuffer.copyOf(start, merit.length);
                NativeBuffer velocity = NativeBuffer.allocate(DType.FLOAT64, merit.length);
                NativeBuffer weight = NativeBuffer.copyOf(merit, merit.length)) {
            long open = merit.length;
            for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
                double excess = (double) (open - target) / merit.length;
                if (SIZE_WEIGHT * Math.abs(excess) < TOLERANCE) {
                    return new StraightThroughSelection(kept(gate.toDoubles()), iteration);
                }
                open = STEP.apply(engine, gate, velocity, weight, SIZE_WEIGHT * Math.signum(excess));
            }
            throw new IllegalStateException("the selection at ratio " + ratio + " keeps " + open + " of " + merit.length
                    + " samples after " + MOST_ITERATIONS + " steps; the closed form has no such limit");
        }
    }

    private static int[] kept(double[] gate) {
        return IntStream.range(0, gate.length).filter(i -> gate[i] > 0).toArray();
    }
}
