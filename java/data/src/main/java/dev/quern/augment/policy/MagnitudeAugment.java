package dev.quern.augment.policy;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Rows;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import java.util.function.IntToDoubleFunction;

/** One op of a {@link MagnitudeSpace} per sample, uniformly chosen, with a fair coin for its sign, at the sample's own strength. */
public final class MagnitudeAugment implements AugmentPolicy {
    private final String name;
    private final MagnitudeSpace space;
    private final OpDraw opDraw;
    private final Strength strength;
    private final View view;

    /** How often the op is drawn. */
    public enum OpDraw {
        EVERY_SAMPLE,
        /** One op for all samples of all epochs. */
        ONCE
    }

    /** The physical value of a sample's op. */
    private interface Strength {
        double value(AugmentOp op, int sign, long seed, int epoch, long sample);
    }

    private MagnitudeAugment(String name, MagnitudeSpace space, OpDraw opDraw, Strength strength, View view) {
        this.name = name;
        this.space = space;
        this.opDraw = opDraw;
        this.strength = strength;
        this.view = view;
    }

    /**
     * Strength by a magnitude per sample.
     *
     * @param magnitudes in [0, 1], by sample; asked when the sample is drawn
     * @param view whose random numbers are used, 0 … 3
     */
    public static MagnitudeAugment of(
            String name, MagnitudeSpace space, OpDraw opDraw, IntToDoubleFunction magnitudes, int view) {
        Strength strength =
                (op, sign, seed, epoch, sample) -> space.value(op, magnitudes.applyAsDouble((int) sample), sign);
        return new MagnitudeAugment(name, space, opDraw, strength, new View(view));
    }

    /**
     * Strength by a uniform level 0 … 29: TrivialAugment (Müller and Hutter 2021) over the ops of {@code space}.
     *
     * @param view whose random numbers are used, 0 … 3
     */
    public static MagnitudeAugment trivial(MagnitudeSpace space, int view) {
        View draws = new View(view);
        Strength strength = (op, sign, seed, epoch, sample) -> {
            int level = draws.uniformInt(MagnitudeSpace.TOP + 1, View.Draw.LEVEL, seed, epoch, sample);
            return space.valueAtLevel(op, level, sign);
        };
        return new MagnitudeAugment("trivial-levels", space, OpDraw.EVERY_SAMPLE, strength, draws);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int chain() {
        return 1;
    }

    @Override
    public void draw(long seed, int epoch, long sample, int row, AugmentBatch batch) {
        Rows.clear(this, row, batch);
        int ops = MagnitudeSpace.OPS.size();
        int op = opDraw == OpDraw.ONCE
                ? view.uniformInt(ops, View.Draw.OP, seed, 0, 0)
                : view.uniformInt(ops, View.Draw.OP, seed, epoch, sample);
        AugmentOp chosen = MagnitudeSpace.OPS.get(op);
        int sign = view.coin(View.Draw.SIGN, seed, epoch, sample) ? -1 : 1;
        batch.op(row, 0, chosen, strength.value(chosen, sign, seed, epoch, sample));
    }
}
