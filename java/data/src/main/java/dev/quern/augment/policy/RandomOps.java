package dev.quern.augment.policy;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.kernels.AugmentOp;
import java.util.OptionalInt;

/**
 * Ops drawn uniformly with replacement, with fair signs: RandAugment at one level (Cubuk et al. 2020), TrivialAugment with one op at a uniform
 * level (Müller and Hutter 2021).
 *
 * @param count ops per sample, 1 … 4
 * @param level of every op; empty: uniform
 */
public record RandomOps(OpSpace space, int count, OptionalInt level) implements FusedStep {
    private static final int SLOTS_PER_OP = 3;

    public RandomOps {
        Arguments.inside("n", count, 1, 4);
        if (level.isPresent()) {
            Arguments.inside("m", level.getAsInt(), 0, space.levels() - 1);
        }
    }

    /** RandAugment: {@code n} ops at level {@code m}. */
    public static RandomOps randAugment(int n, int m) {
        return new RandomOps(TorchvisionSpace.RAND_AUGMENT, n, OptionalInt.of(m));
    }

    /** TrivialAugment: one op at a uniform level. */
    public static RandomOps trivialAugment(OpSpace space) {
        return new RandomOps(space, 1, OptionalInt.empty());
    }

    @Override
    public Stage stage() {
        return Stage.OPS;
    }

    @Override
    public int chain() {
        return count;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        for (int i = 0; i < count; i++) {
            int slot = SLOTS_PER_OP * i;
            AugmentOp op = space.ops().get(draws.below(space.ops().size(), slot));
            int drawn = level.isPresent() ? level.getAsInt() : draws.below(space.levels(), slot + 1);
            row.op(i, op, space.value(op, drawn, draws.sign(slot + 2), height, width));
        }
    }
}
