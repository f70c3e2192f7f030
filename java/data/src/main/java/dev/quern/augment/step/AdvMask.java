package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.kernels.EraseBoxes;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The online part of AdvMask (Yang et al. 2023): square holes around points of an image that an attack found sensitive, then a flip. The
 * probability grows linearly to 0.8 over the epochs; where the holes hide too little, or an image has no points, {@link GridMask} takes their
 * place.
 *
 * @param points [samples][2·points] as y, x pairs
 * @param epochs of the whole training, ≥ 1
 */
public record AdvMask(int[][] points, int epochs) implements FusedStep, EraseStep {
    private static final double MOST_PROBABILITY = 0.8;
    private static final int MARGIN = 11;
    private static final int LEAST_SIDE = 5;
    private static final int MOST_SIDE = 21;
    private static final int MOST_SHIFT = 10;
    private static final double HIDDEN_SHARE = 0.03;
    private static final int LEAST_HIDDEN = 100;
    private static final int FLIP = 0;
    private static final int APPLY = 1;
    private static final int SHIFT = 2;
    private static final int FIRST_POINT = 16;
    private static final GridMask FALLBACK = GridMask.cifar(1);

    public AdvMask {
        Arguments.inside("epochs", epochs, 1, 1_000_000);
    }

    /**
     * Reads points from an npy file of integers [N,K,2]: y and x of up to K points for each of N training samples; negative: no point.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public static AdvMask read(Path file, int epochs) throws IOException {
        Tensor tensor = NpyFile.read(file);
        long[] shape = tensor.shape();
        boolean whole = tensor.type() == TensorType.I32 || tensor.type() == TensorType.I64;
        if (!whole || shape.length != 3 || shape[2] != 2) {
            throw new IOException(file + " is " + tensor + ", allowed: integers [N,K,2] of y and x");
        }
        long[] values = tensor.toLongs();
        int each = Math.toIntExact(2 * shape[1]);
        int[][] points = new int[Math.toIntExact(shape[0])][each];
        for (int i = 0; i < values.length; i++) {
            points[i / each][i % each] = (int) Math.max(-1, Math.min(values[i], Integer.MAX_VALUE));
        }
        return new AdvMask(points, epochs);
    }

    @Override
    public Stage stage() {
        return Stage.FLIP;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        if (draws.happens(0.5, FLIP)) {
            row.mirror();
        }
    }

    /** The mask is made before the flip and mirrored with the image. */
    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        double reached = MOST_PROBABILITY * Math.min(1, (draws.epoch() + 1.0) / epochs);
        if (!draws.happens(reached, APPLY)) {
            return;
        }
        Mask holes = Mask.of(height, width, holes(draws, height, width));
        if (holes.count() < LEAST_HIDDEN) {
            Draws grid = new Draws(draws.seed(), draws.epoch(), draws.sample(), draws.first() + Draws.SLOTS / 2);
            holes = Mask.of(height, width, FALLBACK.erased(grid, height, width));
        }
        Mask mask = holes;
        boolean mirrored = draws.happens(0.5, FLIP);
        Mask.of(height, width, (y, x) -> mask.erased(y, mirrored ? width - 1 - x : x))
                .addTo(boxes, row);
    }

    private Mask.Pixels holes(Draws draws, int height, int width) {
        int stride = width + 2 * MARGIN;
        boolean[][] canvas = new boolean[height + 2 * MARGIN][stride];
        int sample = (int) draws.sample();
        int[] mine = sample < points.length ? points[sample] : new int[0];
        int[] order = shuffled(draws, mine.length / 2);
        int hidden = 0;
        for (int i = 0; i < order.length && hidden < HIDDEN_SHARE * height * width; i++) {
            int y = mine[2 * order[i]];
            int x = mine[2 * order[i] + 1];
            if (y >= 0 && y < height && x >= 0 && x < width) {
                int side = LEAST_SIDE + draws.below(MOST_SIDE - LEAST_SIDE + 1, FIRST_POINT + 2 * i);
                hidden += punch(canvas, y + MARGIN, x + MARGIN, side);
            }
        }
        int down = MARGIN + draws.below(2 * MOST_SHIFT - 1, SHIFT) - MOST_SHIFT + 1;
        int right = MARGIN + draws.below(2 * MOST_SHIFT - 1, SHIFT + 1) - MOST_SHIFT + 1;
        return (y, x) -> canvas[y + down][x + right];
    }

    private static int[] shuffled(Draws draws, int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = draws.below(i + 1, FIRST_POINT + 2 * i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Makes a hole unless its surroundings have enough of one already; returns the pixels newly hidden. */
    private static int punch(boolean[][] canvas, int y, int x, int side) {
        int half = (side - 1) / 2;
        int before = count(canvas, y - half - 1, x - half - 1, side + 2);
        if (before > (int) (0.1 * side * side)) {
            return 0;
        }
        int fresh = 0;
        for (int row = Math.max(0, y - half); row < Math.min(canvas.length, y + half); row++) {
            for (int column = Math.max(0, x - half); column < Math.min(canvas[0].length, x + half); column++) {
                fresh += canvas[row][column] ? 0 : 1;
                canvas[row][column] = true;
            }
        }
        return fresh;
    }

    private static int count(boolean[][] canvas, int top, int left, int side) {
        int count = 0;
        for (int row = Math.max(0, top); row < Math.min(canvas.length, top + side); row++) {
            for (int column = Math.max(0, left); column < Math.min(canvas[0].length, left + side); column++) {
                count += canvas[row][column] ? 1 : 0;
            }
        }
        return count;
    }
}
