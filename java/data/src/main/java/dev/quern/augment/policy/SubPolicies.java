package dev.quern.augment.policy;

import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.kernels.AugmentOp;
import java.util.List;

/**
 * One of several sub-policies, drawn uniformly; each of its ops is applied with its own probability (AutoAugment, Cubuk et al. 2019).
 *
 * @param policies each of the same 1 … 4 ops
 */
public record SubPolicies(OpSpace space, List<List<Choice>> policies) implements FusedStep {
    private static final int SLOTS_PER_OP = 2;

    /**
     * An op of a sub-policy.
     *
     * @param probability in [0, 1]
     * @param level of the space; ignored by ops without a parameter
     */
    public record Choice(AugmentOp op, double probability, int level) {}

    public SubPolicies {
        policies = policies.stream().map(List::copyOf).toList();
    }

    @Override
    public Stage stage() {
        return Stage.OPS;
    }

    @Override
    public int chain() {
        return policies.get(0).size();
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        List<Choice> chosen = policies.get(draws.below(policies.size(), 0));
        for (int i = 0; i < chosen.size(); i++) {
            Choice choice = chosen.get(i);
            int slot = 1 + SLOTS_PER_OP * i;
            if (draws.happens(choice.probability(), slot)) {
                int sign = draws.sign(slot + 1);
                row.op(i, choice.op(), space.value(choice.op(), choice.level(), sign, height, width));
            }
        }
    }
}
