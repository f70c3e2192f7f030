package dev.quern.augment.policy;

import dev.quern.augment.Arguments;
import dev.quern.augment.BranchStep;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.kernels.AugmentOp;

/**
 * A convex mixture of an image with chains of weak ops on it (Hendrycks et al. 2020), as torchvision draws it: m ~ Dirichlet(1, 1),
 * w ~ Dirichlet(1, …, 1), every chain of 1 … 3 ops, m₁·x + m₂·Σ wᵢ·chainᵢ truncated to bytes. Geometric ops are bilinear.
 *
 * @param severity of 10: ops are drawn from the levels below it, 1 … 10; 3 is usual
 * @param width chains, 1 … 7; 3 is usual
 */
public record AugMix(int severity, int width) implements BranchStep {
    private static final int DEPTH = 3;
    private static final int BRANCH_SLOTS = 16;
    private static final int SLOTS_PER_OP = 3;
    private static final OpSpace SPACE = TorchvisionSpace.AUG_MIX;

    public AugMix {
        Arguments.inside("severity", severity, 1, SPACE.levels());
        Arguments.inside("width", width, 1, 7);
    }

    /** Ops of the longest chain. */
    @Override
    public int depth() {
        return DEPTH;
    }

    /** The weights of the image itself and of its chains; they sum to 1. */
    @Override
    public float[] weights(Draws draws) {
        double[] halves = draws.dirichlet(2, 0);
        double[] shares = draws.dirichlet(width, 2);
        float[] weights = new float[width + 1];
        weights[0] = (float) halves[0];
        for (int i = 0; i < width; i++) {
            weights[i + 1] = (float) (halves[1] * shares[i]);
        }
        return weights;
    }

    /** Describes chain number {@code branch} of a sample. */
    @Override
    public void draw(Draws draws, int branch, int rows, int columns, FusedRow row) {
        int first = BRANCH_SLOTS * (branch + 1);
        int depth = 1 + draws.below(DEPTH, first);
        for (int i = 0; i < depth; i++) {
            int slot = first + 1 + SLOTS_PER_OP * i;
            AugmentOp op = SPACE.ops().get(draws.below(SPACE.ops().size(), slot));
            int level = draws.below(severity, slot + 1);
            row.op(i, op, SPACE.value(op, level, draws.sign(slot + 2), rows, columns));
        }
    }
}
