package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import java.util.List;

/**
 * A policy of steps in order: those on bytes before those on normalised values before mixing. Only mixing looks at the batch. An
 * {@link Augmenter} carries it out; one that is a single fused pass can be drawn row by row as well.
 */
public final class StepPolicy implements AugmentPolicy {
    private final String name;
    private final int height;
    private final int width;
    private final List<Step> steps;
    private final Plan plan;

    /**
     * @param name as it is written on the command line and in metrics
     * @param height rows of the images, ≥ 1
     * @param width their columns, ≥ 1
     * @param steps of which at most one mixes
     */
    public StepPolicy(String name, int height, int width, List<Step> steps) {
        if (steps.stream().filter(MixStep.class::isInstance).count() > 1) {
            throw new IllegalArgumentException(
                    "policy " + name + " mixes more than once, allowed: one mixup or cutmix");
        }
        this.name = name;
        this.height = height;
        this.width = width;
        this.steps = List.copyOf(steps);
        plan = Plan.of(steps);
    }

    @Override
    public String name() {
        return name;
    }

    public List<Step> steps() {
        return steps;
    }

    /** Whether labels are mixed along with the images. */
    public boolean mixes() {
        return plan.mix() != null;
    }

    Plan plan() {
        return plan;
    }

    /** Ops per sample of the last pass. */
    @Override
    public int chain() {
        return plan.last().chain();
    }

    /** @throws UnsupportedOperationException if the policy is more than one pass of ops, crop and flip */
    @Override
    public void draw(long seed, int epoch, long sample, int row, AugmentBatch batch) {
        if (!plan.isOnePass()) {
            throw new UnsupportedOperationException("policy " + name + " is more than one pass, allowed: an Augmenter");
        }
        draw(plan.last(), new Augmenter.Visit(seed, epoch, new long[] {sample}), 0, row, batch);
    }

    /** Describes pass {@code pass} for the sample at place {@code index} of a visit. */
    void draw(Plan.Fused pass, Augmenter.Visit visit, int index, int row, AugmentBatch batch) {
        for (int slot = 0; slot < batch.chain(); slot++) {
            batch.op(row, slot, AugmentOp.IDENTITY, 0);
        }
        batch.crop(row, 0, 0).flip(row, false).withoutCutout(row);
        int slot = 0;
        for (Plan.Placed<FusedStep> placed : pass.steps()) {
            placed.step().draw(visit.draws(index, placed.place()), height, width, new FusedRow(batch, row, slot));
            slot += placed.step().chain();
        }
    }
}
