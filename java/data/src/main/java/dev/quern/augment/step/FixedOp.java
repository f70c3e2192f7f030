package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.kernels.AugmentOp;
import java.util.function.ToDoubleFunction;

/**
 * One op with a given probability, its value fixed or drawn.
 *
 * @param value physical value as the native kernel takes it; slot 0 of the draws is taken
 * @param probability in [0, 1]
 */
public record FixedOp(AugmentOp op, ToDoubleFunction<Draws> value, double probability) implements FusedStep {
    public FixedOp {
        Arguments.share("p", probability);
    }

    /** With a fixed value. */
    public static FixedOp of(AugmentOp op, double value, double probability) {
        return new FixedOp(op, draws -> value, probability);
    }

    @Override
    public Stage stage() {
        return Stage.OPS;
    }

    @Override
    public int chain() {
        return 1;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        if (draws.happens(probability, 0)) {
            row.op(0, op, value.applyAsDouble(draws));
        }
    }
}
