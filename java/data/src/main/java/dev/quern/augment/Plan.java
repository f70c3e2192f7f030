package dev.quern.augment;

import dev.quern.kernels.AugmentBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * The passes over a batch that carry out a policy: on bytes, of which the last one brings images into the network's format; on normalised
 * values; and at most one that mixes. Neighbouring fused steps share a pass where the kernel's order of ops, crop and flip allows it.
 *
 * @param bytes never empty; the last is fused
 * @param cutout the first step on normalised values if the kernel can do it in the last pass, else null
 * @param values the other steps on normalised values
 * @param mix null: none
 */
record Plan(List<Pass> bytes, Placed<Cutout> cutout, List<Placed<Step>> values, Placed<MixStep> mix) {
    /** A step and its place among the steps of its policy, which keys its draws. */
    record Placed<S>(S step, int place) {}

    /** A pass over the bytes of a batch. */
    sealed interface Pass permits Fused, Edited, Blended {}

    /** In the fused kernel. */
    record Fused(List<Placed<FusedStep>> steps, int chain) implements Pass {}

    /** In Java. */
    record Edited(Placed<PixelStep> step) implements Pass {}

    /** Several branches and their weighted sum. */
    record Blended(Placed<BranchStep> step) implements Pass {}

    static Plan of(List<Step> steps) {
        Builder builder = new Builder();
        for (int place = 0; place < steps.size(); place++) {
            builder.add(steps.get(place), place);
        }
        return builder.build();
    }

    /** The pass that brings images into the network's format. */
    Fused last() {
        return (Fused) bytes.get(bytes.size() - 1);
    }

    /** Whether ops, crop and flip in the fused kernel are all there is. */
    boolean isOnePass() {
        return bytes.size() == 1 && cutout == null && values.isEmpty() && mix == null;
    }

    private static final class Builder {
        private final List<Pass> bytes = new ArrayList<>();
        private final List<Placed<Step>> values = new ArrayList<>();
        private Placed<MixStep> mix;
        private List<Placed<FusedStep>> open = new ArrayList<>();
        private FusedStep.Stage reached = FusedStep.Stage.OPS;
        private int chain;

        void add(Step step, int place) {
            if (step instanceof FusedStep fused) {
                join(fused, place);
            }
            if (step instanceof PixelStep pixel) {
                closePass();
                bytes.add(new Edited(new Placed<>(pixel, place)));
            }
            if (step instanceof BranchStep blend) {
                closePass();
                bytes.add(new Blended(new Placed<>(blend, place)));
            }
            if (step instanceof EraseStep || step instanceof NoiseStep) {
                values.add(new Placed<>(step, place));
            }
            if (step instanceof MixStep mixing) {
                mix = new Placed<>(mixing, place);
            }
        }

        private void join(FusedStep step, int place) {
            boolean inOrder = step.earliest().compareTo(reached) > 0
                    || step.earliest() == FusedStep.Stage.OPS && reached == FusedStep.Stage.OPS;
            if (!inOrder || chain + step.chain() > AugmentBatch.MAX_CHAIN) {
                closePass();
            }
            open.add(new Placed<>(step, place));
            chain += step.chain();
            reached = step.stage();
        }

        private void closePass() {
            if (!open.isEmpty()) {
                bytes.add(new Fused(List.copyOf(open), chain));
            }
            open = new ArrayList<>();
            chain = 0;
            reached = FusedStep.Stage.OPS;
        }

        private Plan build() {
            bytes.add(new Fused(List.copyOf(open), chain));
            Placed<Cutout> cutout = null;
            if (!values.isEmpty() && values.get(0).step() instanceof Cutout square && square.size() > 0) {
                cutout = new Placed<>(square, values.remove(0).place());
            }
            return new Plan(List.copyOf(bytes), cutout, List.copyOf(values), mix);
        }
    }
}
