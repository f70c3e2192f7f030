package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.ScoreRanking;
import dev.quern.select.Strata;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Dynamic pruning by moving averages of the losses (Raju et al. 2021): the first epoch sees all data, then every few epochs the samples of the
 * largest scores are chosen, some by chance. Only samples that are trained on have their scores renewed.
 */
public final class LossBandit implements LossSelection {
    private final String name;
    private final Setting setting;
    private final int count;
    private final double[] means;
    private final double[] variances;
    private final double explored;
    private final double confidence;
    private final Strata strata;
    private int[] chosen;

    /**
     * What both rules share.
     *
     * @param samples N ≥ 1
     * @param ratio in (0, 1]; round(ratio·N) samples per epoch, at least 1
     * @param rate α of the moving averages, in (0, 1]
     * @param period epochs between choices, ≥ 1
     */
    public record Setting(int samples, double ratio, double rate, int period, long seed) {
        public Setting {
            Ratio.count(samples, ratio);
            if (!(rate > 0 && rate <= 1)) {
                throw new IllegalArgumentException("rate is " + rate + ", allowed: above 0, at most 1");
            }
            Checks.requireAtLeast("period", period, 1);
        }

        private Strata whole() {
            return Strata.of(new int[samples], Quota.GLOBAL);
        }

        /** With α = 0.8 and a choice every twentieth of the training, which is every 10 of 200 epochs. */
        public static Setting of(int samples, double ratio, int epochs, long seed) {
            return new Setting(samples, ratio, 0.8, Math.max(1, epochs / 20), seed);
        }
    }

    private LossBandit(String name, Setting setting, double explored, double confidence, Strata strata) {
        this.name = name;
        this.setting = setting;
        this.count = Ratio.count(setting.samples, setting.ratio);
        this.means = new double[setting.samples];
        this.variances = new double[setting.samples];
        this.explored = explored;
        this.confidence = confidence;
        this.strata = strata;
        this.chosen = IntStream.range(0, setting.samples).toArray();
    }

    /**
     * ε-greedy: by the mean loss.
     *
     * @param explored share ε of the chosen that is drawn from the rest, in [0, 1]
     */
    public static LossBandit epsilonGreedy(Setting setting, double explored) {
        Checks.requireShare("explored", explored);
        return new LossBandit("epsilon-greedy", setting, explored, 0, setting.whole());
    }

    /**
     * Upper confidence bound: by the mean loss and its variance.
     *
     * @param confidence weight c of the variance, ≥ 0
     */
    public static LossBandit upperConfidenceBound(Setting setting, double confidence) {
        if (!(confidence >= 0 && confidence < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("confidence is " + confidence + ", allowed: finite, ≥ 0");
        }
        return new LossBandit("ucb", setting, 0, confidence, setting.whole());
    }

    /**
     * A new one by the same rule within each class, which has its share of the chosen.
     *
     * @param labels [N] ≥ 0
     */
    public LossBandit withinClasses(int[] labels) {
        if (labels.length != setting.samples) {
            throw new IllegalArgumentException("labels has " + labels.length + " entries, allowed: " + setting.samples);
        }
        return new LossBandit(name, setting, explored, confidence, Strata.of(labels, Quota.CLASS_BALANCED));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int[] select(int epoch) {
        if (epoch > 0 && (epoch - 1) % setting.period == 0) {
            chosen = choose(epoch);
        }
        return chosen.clone();
    }

    @Override
    public int count(int epoch) {
        return epoch == 0 ? setting.samples : count;
    }

    private int[] choose(int epoch) {
        double[] scores = new double[setting.samples];
        Arrays.setAll(scores, i -> means[i] + confidence * variances[i]);
        return strata.choose(count, (members, share) -> {
            int random = (int) Math.round(explored * share);
            BitSet taken = new BitSet();
            IntStream.of(ScoreRanking.largest(scores, members, share - random)).forEach(taken::set);
            int[] rest = IntStream.of(members).filter(i -> !taken.get(i)).toArray();
            Arrays.stream(Philox.shuffle(rest, setting.seed, epoch, Slot.SELECTION), 0, random)
                    .forEach(taken::set);
            return taken.stream().toArray();
        });
    }

    @Override
    public void observe(int[] samples, float[] losses) {
        Checks.requireLosses(samples, losses, setting.samples);
        double rate = setting.rate;
        for (int i = 0; i < samples.length; i++) {
            int sample = samples[i];
            double deviation = losses[i] - means[sample];
            variances[sample] = (1 - rate) * variances[sample] + rate * deviation * deviation;
            means[sample] += rate * deviation;
        }
    }

    /** Means [N], variances [N], and 1 for each sample chosen last [N]. */
    @Override
    public double[] state() {
        int samples = setting.samples;
        double[] state = Arrays.copyOf(means, 3 * samples);
        System.arraycopy(variances, 0, state, samples, samples);
        IntStream.of(chosen).forEach(i -> state[2 * samples + i] = 1);
        return state;
    }

    @Override
    public void restore(double[] state) {
        int samples = setting.samples;
        if (state.length != 3 * samples) {
            throw new IllegalArgumentException("state has " + state.length + " entries, allowed: " + 3 * samples);
        }
        Checks.requireFinite("state", state);
        System.arraycopy(state, 0, means, 0, samples);
        System.arraycopy(state, samples, variances, 0, samples);
        chosen = IntStream.range(0, samples)
                .filter(i -> state[2 * samples + i] != 0)
                .toArray();
    }
}
