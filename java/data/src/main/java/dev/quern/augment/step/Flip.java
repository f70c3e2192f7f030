package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.kernels.AugmentOp;

/**
 * A mirror image.
 *
 * @param axis along which pixels change places
 * @param probability in [0, 1]; ½ is usual
 */
public record Flip(Axis axis, double probability) implements FusedStep {
    /** Directions of a flip. */
    public enum Axis {
        HORIZONTAL,
        VERTICAL
    }

    public Flip {
        Arguments.share("p", probability);
    }

    @Override
    public Stage stage() {
        return Stage.FLIP;
    }

    @Override
    public int chain() {
        return axis == Axis.VERTICAL ? 1 : 0;
    }

    /** Upside down is half a turn and a mirror image. */
    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        if (!draws.happens(probability, 0)) {
            return;
        }
        if (axis == Axis.VERTICAL) {
            row.op(0, AugmentOp.ROTATE, 180);
        }
        row.mirror();
    }
}
