package dev.quern.baseline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.nn.Network;
import dev.quern.select.sampling.EpochSelection;
import dev.quern.setting.EpochRules;
import dev.quern.train.Curriculum;

/** A selection that knows nothing of images or network, with the augmentation and annealing of joint selection, whose control it is. */
public final class SelectionPipeline implements Curriculum {
    private final EpochRules rules;
    private final EpochSelection selection;

    /** A selection with the run's rules. */
    public SelectionPipeline(EpochRules rules, EpochSelection selection) {
        this.rules = rules;
        this.selection = selection;
    }

    @Override
    public int[] select(int epoch, Network network) {
        return rules.annealing().covers(epoch) ? rules.all() : selection.select(epoch);
    }

    @Override
    public int[] order(int epoch, int[] selected, long seed) {
        return rules.annealing().covers(epoch)
                ? Curriculum.super.order(epoch, selected, seed)
                : selection.order(epoch, selected, seed);
    }

    @Override
    public int sampleCount(int epoch) {
        return rules.sampleCount(epoch);
    }

    @Override
    public AugmentPolicy augment(int epoch) {
        return rules.augment(epoch);
    }
}
