package dev.quern.nn.model;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Parameter;
import dev.quern.nn.Pass;
import dev.quern.nn.TensorMemory;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Self-attention within {@value #SIDE}×{@value #SIDE} windows, with a learned bias for each relative position (Liu et al. 2021). Images are
 * padded to whole windows; a shift moves the windows' borders, and pixels that it brings together from opposite edges do not see each other.
 */
final class WindowAttention implements Layer {
    static final int SIDE = 7;

    private static final int TOKENS = SIDE * SIDE;
    private static final int OFFSETS = 2 * SIDE - 1;
    private static final float UNSEEN = -100;

    private final Parameter biases;
    private final FlatParameters.Constant index;
    private final SelfAttention attention;
    private final int shift;

    /** @param shift of the windows to the lower right, 0 … {@value #SIDE} − 1 pixels */
    WindowAttention(FlatParameters parameters, String name, int width, int heads, int shift) {
        this.shift = shift;
        biases = parameters.declare(
                name + ".relative_position_bias_table", SwinTransformer.WEIGHT, OFFSETS * OFFSETS, heads);
        index = parameters.constant(name + ".relative_position_index", relativePositions());
        InitialValue zero = InitialValue.ZERO;
        Linear inputs = new Linear(parameters, name + ".qkv.", width, 3L * width, SwinTransformer.WEIGHT, zero);
        Linear output = new Linear(parameters, name + ".proj.", width, width, SwinTransformer.WEIGHT, zero);
        attention = new SelfAttention(inputs, output, heads);
    }

    /** For each pair of places in a window the row of their offset in the table. */
    private static long[] relativePositions() {
        long[] positions = new long[TOKENS * TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            for (int j = 0; j < TOKENS; j++) {
                int rows = i / SIDE - j / SIDE + SIDE - 1;
                int columns = i % SIDE - j % SIDE + SIDE - 1;
                positions[i * TOKENS + j] = (long) rows * OFFSETS + columns;
            }
        }
        return positions;
    }

    /** [B,H,W,C] → [B,H,W,C]. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        long height = x.size(1);
        long width = x.size(2);
        int rows = (int) ((height + SIDE - 1) / SIDE);
        int columns = (int) ((width + SIDE - 1) / SIDE);
        long shiftY = rows > 1 ? shift : 0;
        long shiftX = columns > 1 ? shift : 0;
        Tensor padded = torch.constant_pad_nd(x, 0, 0, 0, columns * SIDE - width, 0, rows * SIDE - height);
        Tensor rolled = padded.roll(new long[] {-shiftY, -shiftX}, 1, 2);
        Tensor windows =
                rolled.unflatten(2, columns, SIDE).unflatten(1, rows, SIDE).transpose(2, 3);
        Tensor tokens = windows.flatten(3, 4).flatten(1, 2);
        Tensor bias = positionBias().add(edges(rows, columns, shiftY, shiftX, biases.value()));
        Tensor mixed = attention.forward(tokens, new TensorOptional(bias), pass);
        Tensor image =
                mixed.unflatten(2, SIDE, SIDE).unflatten(1, rows, columns).transpose(2, 3);
        Tensor whole = image.flatten(3, 4).flatten(1, 2).roll(new long[] {shiftY, shiftX}, 1, 2);
        return whole.narrow(1, 0, height).narrow(2, 0, width);
    }

    /** [heads,T,T]. */
    private Tensor positionBias() {
        return biases.value()
                .index_select(0, index.value())
                .view(TOKENS, TOKENS, -1)
                .permute(2, 0, 1);
    }

    /** [windows,1,T,T]: {@value #UNSEEN} for pairs from opposite edges, 0 for others. */
    private static Tensor edges(int rows, int columns, long shiftY, long shiftX, Tensor like) {
        float[] scores = new float[rows * columns * TOKENS * TOKENS];
        for (int pair = 0; pair < scores.length; pair++) {
            int window = pair / (TOKENS * TOKENS);
            int i = pair / TOKENS % TOKENS;
            int j = pair % TOKENS;
            boolean lastRow = window / columns == rows - 1;
            boolean lastColumn = window % columns == columns - 1;
            boolean apart = lastRow && wrapped(i / SIDE, shiftY) != wrapped(j / SIDE, shiftY)
                    || lastColumn && wrapped(i % SIDE, shiftX) != wrapped(j % SIDE, shiftX);
            scores[pair] = apart ? UNSEEN : 0;
        }
        return TensorMemory.copyOf(scores, like).view(rows * columns, 1, TOKENS, TOKENS);
    }

    /** Whether a place in the last window came from the first rows or columns. */
    private static boolean wrapped(int place, long shift) {
        return place >= SIDE - shift;
    }
}
