package dev.quern.augment.policy;

import dev.quern.augment.Arguments;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.data.Profile;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.EraseBoxes;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Augmentation as MADAug applies it (Hou et al. 2023): of {@value #OPS} ops, different ones are drawn for each sample by the sample's own weights
 * and applied at its own magnitudes, moved a little by chance; then a crop and a flip. Only a share of the samples is augmented, by the epoch.
 * The mirror acts after the crop and the grey square, of up to 0.2 of the width, comes last, wherever they were drawn.
 */
public final class PreferredOps implements FusedStep, EraseStep {
    /** The ops of the native kernel, a mirror and a grey square, in the order in which preferences count them. */
    public static final int OPS = 17;

    private static final List<AugmentOp> KERNEL_OPS = List.of(AugmentOp.values());
    private static final int MIRROR = KERNEL_OPS.size();
    private static final int SQUARE = MIRROR + 1;
    private static final double LARGEST_SQUARE = 0.2;

    private static final int APPLY = 0;
    private static final int CROP_Y = 1;
    private static final int CROP_X = 2;
    private static final int FLIP = 3;
    private static final int SQUARE_Y = 4;
    private static final int SQUARE_X = 5;
    private static final int FIRST_PICK = 8;
    private static final int SIGNS = 64;
    private static final int NOISE = 96;
    /** Stands where draws have the place of a step, behind those of any policy with this step. */
    private static final int ALL_OPS = 4;

    private final Setting setting;
    private final IntFunction<float[]> preferences;
    private final IntToDoubleFunction share;

    /**
     * @param count different ops per sample, 1 … 4
     * @param noise largest change of a magnitude, in [0, 1]; magnitudes stay in [0, 1]
     * @param profile paper: a magnitude of 0 leaves an image as it is, but for auto-contrast, equalize, invert and the mirror, which have none;
     *     released: the ranges of Fast AutoAugment
     * @param padding of the crop in pixels, 0 … 1024
     */
    public record Setting(int count, double noise, Profile profile, int padding) {
        public Setting {
            Arguments.inside("count", count, 1, AugmentBatch.MAX_CHAIN);
            Arguments.share("noise", noise);
            Arguments.inside("padding", padding, 0, 1024);
        }
    }

    /**
     * @param preferences by sample [2·{@value #OPS}]: magnitudes in [0, 1], then weights ≥ 0; asked when a sample is drawn
     * @param share of an epoch's samples that is augmented, in [0, 1]
     */
    public PreferredOps(Setting setting, IntFunction<float[]> preferences, IntToDoubleFunction share) {
        this.setting = setting;
        this.preferences = preferences;
        this.share = share;
    }

    @Override
    public Stage stage() {
        return Stage.FLIP;
    }

    @Override
    public int chain() {
        return setting.count;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        int[] ops = picked(draws);
        place(draws, Arrays.stream(ops).anyMatch(op -> op == MIRROR), row);
        for (int i = 0; i < ops.length; i++) {
            if (ops[i] < MIRROR) {
                row.op(i, KERNEL_OPS.get(ops[i]), value(draws, ops[i], magnitude(draws, ops[i]), height, width));
            }
        }
    }

    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        if (Arrays.stream(picked(draws)).anyMatch(op -> op == SQUARE)) {
            square(draws, magnitude(draws, SQUARE), height, width, row, boxes);
        }
    }

    /**
     * Describes the images of a visit to B samples after every op, at their own magnitudes without chance: row op·B + i of the batch and of the
     * squares shows sample i after that op. All ops of a sample have the same crop and flip.
     *
     * @param shown [B] the image that each sample is
     * @param batch at least {@value #OPS}·B rows, chains of at least 1, as reset
     */
    public void drawAll(
            Augmenter.Visit visit, int[] shown, int height, int width, AugmentBatch batch, EraseBoxes boxes) {
        int size = visit.samples().length;
        for (int op = 0; op < OPS; op++) {
            for (int i = 0; i < size; i++) {
                Draws draws = visit.draws(i, ALL_OPS);
                FusedRow row = new FusedRow(batch, op * size + i, 0);
                double magnitude = preferences.apply((int) visit.samples()[i])[op];
                batch.image(row.row(), shown[i]);
                place(draws, op == MIRROR, row);
                if (op < MIRROR) {
                    row.op(0, KERNEL_OPS.get(op), value(draws, op, magnitude, height, width));
                } else if (op == SQUARE) {
                    square(draws, magnitude, height, width, row.row(), boxes);
                }
            }
        }
    }

    /** The ops of a sample, drawn one after the other by the weights of those that are left; none where all weights are 0. */
    private int[] picked(Draws draws) {
        float[] own = preferences.apply((int) draws.sample());
        float[] weights = Arrays.copyOfRange(own, OPS, 2 * OPS);
        if (!draws.happens(share.applyAsDouble(draws.epoch()), APPLY)) {
            return new int[0];
        }
        return IntStream.range(0, setting.count)
                .map(i -> pick(weights, draws.uniform(FIRST_PICK + i)))
                .filter(op -> op >= 0)
                .toArray();
    }

    /** An op by its weight, which becomes 0; −1 if all are 0. */
    private static int pick(float[] weights, double uniform) {
        double total = 0;
        for (float weight : weights) {
            total += weight;
        }
        double left = uniform * total;
        int chosen = -1;
        for (int op = 0; op < OPS && left >= 0; op++) {
            if (weights[op] > 0) {
                chosen = op;
                left -= weights[op];
            }
        }
        if (chosen >= 0) {
            weights[chosen] = 0;
        }
        return chosen;
    }

    private void place(Draws draws, boolean mirrored, FusedRow row) {
        int offsets = 2 * setting.padding + 1;
        row.crop(draws.below(offsets, CROP_Y) - setting.padding, draws.below(offsets, CROP_X) - setting.padding);
        if (draws.happens(0.5, FLIP) != mirrored) {
            row.mirror();
        }
    }

    private double magnitude(Draws draws, int op) {
        double change = draws.uniform(-setting.noise, setting.noise, NOISE + op);
        double magnitude = preferences.apply((int) draws.sample())[op];
        return Math.min(1, Math.max(0, magnitude + change));
    }

    private double value(Draws draws, int op, double magnitude, int height, int width) {
        int sign = draws.sign(SIGNS + op);
        return setting.profile == Profile.RELEASED
                ? SearchedOps.value(KERNEL_OPS.get(op), magnitude, sign, height, width)
                : MagnitudeSpace.PAPER.value(KERNEL_OPS.get(op), magnitude, sign);
    }

    /** Grey is the training mean. */
    private void square(Draws draws, double magnitude, int height, int width, int row, EraseBoxes boxes) {
        int side = (int) Math.rint(LARGEST_SQUARE * magnitude * width);
        int y = draws.below(height, SQUARE_Y) - side / 2;
        int x = draws.below(width, SQUARE_X) - side / 2;
        boxes.add(row, y, x, y + side, x + side, 0, 0, 0);
    }
}
