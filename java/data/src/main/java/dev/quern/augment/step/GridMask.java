package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.kernels.EraseBoxes;

/**
 * Squares of a regular grid set to the training mean; the stripes between them are kept (Chen et al. 2020, mode 1).
 *
 * @param least smallest period of the grid in pixels, ≥ 1
 * @param most largest period, ≥ least
 * @param ratio width of a kept stripe over the period, in [0, 1]
 * @param rotations whole degrees 0 … rotations − 1 by which the grid is turned, ≥ 1; 1: never
 * @param probability in [0, 1], once the ramp is over
 * @param ramp epochs over which the probability grows from 0; 0: none
 */
public record GridMask(int least, int most, double ratio, int rotations, double probability, int ramp)
        implements EraseStep {

    public GridMask {
        Arguments.inside("least", least, 1, 16_384);
        Arguments.inside("most", most, least, 16_384);
        Arguments.share("ratio", ratio);
        Arguments.inside("rotate", rotations, 1, 360);
        Arguments.share("p", probability);
        Arguments.inside("ramp", ramp, 0, 1_000_000);
    }

    /** Periods 24 … 32 at 32×32, ratio 0.4, never turned. */
    public static GridMask cifar(double probability) {
        return new GridMask(24, 32, 0.4, 1, probability, 0);
    }

    /** Periods 96 … 223 at 224×224, ratio 0.6, turned, probability 0.8 reached after 240 epochs. */
    public static GridMask imageNet() {
        return new GridMask(96, 223, 0.6, 360, 0.8, 240);
    }

    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        double reached = ramp == 0 ? probability : probability * Math.min(1, draws.epoch() / (double) ramp);
        if (draws.happens(reached, 0)) {
            Mask.of(height, width, erased(draws, height, width)).addTo(boxes, row);
        }
    }

    /** What is erased, drawn from slots 1 … 4. */
    Mask.Pixels erased(Draws draws, int height, int width) {
        int side = (int) Math.ceil(Math.sqrt((double) height * height + (double) width * width));
        int period = least + draws.below(most - least + 1, 1);
        int stripe = (int) Math.ceil(period * ratio);
        boolean[] rows = stripes(draws.below(period, 2), period, stripe, side);
        boolean[] columns = stripes(draws.below(period, 3), period, stripe, side);
        byte[] erased = new byte[side * side];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                erased[y * side + x] = (byte) (rows[y] || columns[x] ? 0 : 1);
            }
        }
        int degrees = draws.below(rotations, 4);
        byte[] turned = degrees == 0
                ? erased
                : PillowAffine.nearest(erased, 1, side, side, PillowAffine.rotation(degrees, side, side), 0);
        int top = (side - height) / 2;
        int left = (side - width) / 2;
        return (y, x) -> turned[(top + y) * side + left + x] != 0;
    }

    /** Stripes begin at offset + i·period for every whole i ≥ −1 that the published loop reaches, up to side div period. */
    private static boolean[] stripes(int offset, int period, int stripe, int side) {
        boolean[] striped = new boolean[side];
        for (int at = 0; at < side; at++) {
            int number = Math.floorDiv(at - offset, period);
            striped[at] = number <= side / period && at - offset - number * period < stripe;
        }
        return striped;
    }
}
