package dev.quern.select.coreset;

import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.ScoreRanking;
import dev.quern.select.Selector;
import dev.quern.select.Strata;
import dev.quern.select.score.LastLayerGradients;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Glister (Killamsetty et al. 2021): greedily takes the samples whose gradients agree most with the mean gradient of validation samples, which is
 * that after a step along what has been taken; by the gradients of the last layer, to first order.
 */
public final class Glister implements Selector {
    /** Keeps the logarithm of a vanished probability finite. */
    private static final double LEAST = Float.MIN_NORMAL;

    private final LastLayerGradients train;
    private final LastLayerGradients validation;
    private final Quota quota;
    private final Setting setting;
    private final Strata strata;

    /** Whether the validation gradient follows what has been taken. */
    public enum Update {
        /** Every twentieth of the budget, by a step along the mean gradient of the taken. */
        TAYLOR,
        /** Never, as in DeepCore, whose misspelt argument leaves the update out: a ranking. */
        NONE
    }

    /** @param rate η of the step, above 0; DeepCore takes the learning rate 0.1 */
    public record Setting(Update update, double rate) {
        public static final Setting DEFAULT = new Setting(Update.TAYLOR, 0.1);

        public Setting {
            if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("rate is " + rate + ", allowed: above 0, finite");
            }
        }
    }

    /**
     * @param validation of the same classes and dimension; {@code train} itself where there is none
     * @param quota CLASS_BALANCED: each class by the validation samples of its own
     */
    public Glister(LastLayerGradients train, LastLayerGradients validation, Quota quota, Setting setting) {
        if (train.size() != validation.size() || train.classes() != validation.classes()) {
            throw new IllegalArgumentException("validation has " + validation.classes() + " classes and gradients of "
                    + validation.size() + ", allowed: " + train.classes() + " and " + train.size()
                    + ", those of the training samples");
        }
        this.train = train;
        this.validation = validation;
        this.quota = quota;
        this.setting = setting;
        this.strata =
                Strata.of(IntStream.range(0, train.samples()).map(train::label).toArray(), quota);
    }

    @Override
    public String name() {
        return "glister";
    }

    @Override
    public int[] select(double ratio) {
        return strata.choose(Ratio.count(train.samples(), ratio), this::greedy);
    }

    private int[] greedy(int[] members, int count) {
        int[] judges = IntStream.range(0, validation.samples())
                .filter(i -> quota == Quota.GLOBAL || validation.label(i) == train.label(members[0]))
                .toArray();
        int stride = setting.update == Update.NONE ? count : Math.max(1, count / 20);
        BitSet left = new BitSet();
        IntStream.of(members).forEach(left::set);
        int[] chosen = new int[count];
        for (int taken = 0; taken < count; taken += stride) {
            double[] gains = gains(judges, Arrays.copyOf(chosen, taken));
            int[] best = ScoreRanking.largest(gains, left.stream().toArray(), Math.min(stride, count - taken));
            System.arraycopy(best, 0, chosen, taken, best.length);
            IntStream.of(best).forEach(left::clear);
        }
        return chosen;
    }

    /** The inner products [N] of the samples' gradients and the validation gradient after a step along those of {@code taken}. */
    double[] gains(int[] judges, int[] taken) {
        double[] step = train.mean(taken);
        double[] gradient = new double[train.size()];
        for (int i : judges) {
            double[] after = probabilities(i, step);
            for (int k = 0; k < after.length; k++) {
                double error = after[k] - (k == validation.label(i) ? 1 : 0);
                validation.addRow(gradient, i, k, error / judges.length);
            }
        }
        return IntStream.range(0, train.samples())
                .mapToDouble(i -> train.along(gradient, i))
                .toArray();
    }

    /** What the network predicts for a validation sample after the step. */
    private double[] probabilities(int sample, double[] step) {
        double[] probabilities = new double[validation.classes()];
        double total = 0;
        for (int k = 0; k < probabilities.length; k++) {
            double before = Math.max(LEAST, validation.probability(sample, k));
            probabilities[k] = before * Math.exp(-setting.rate * validation.alongRow(step, sample, k));
            total += probabilities[k];
        }
        for (int k = 0; k < probabilities.length; k++) {
            probabilities[k] /= total;
        }
        return probabilities;
    }
}
