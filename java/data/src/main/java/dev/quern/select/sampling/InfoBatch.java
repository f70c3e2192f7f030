package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * InfoBatch (Qin et al. 2024): leaves out a share of the samples whose last loss is below the mean, and lets the others below it count more, so that
 * the expected gradient stays that of all data. Late epochs see everything.
 */
public final class InfoBatch implements LossSelection {
    private static final float UNSEEN = 3;

    private final float[] scores;
    private final double pruned;
    private final double lastPruned;
    private final long seed;
    private final double[] weights;

    /**
     * @param samples N ≥ 1
     * @param pruned share r of the samples below the mean that is left out, in [0, 1); the paper takes 0.5
     * @param annealing δ in [0, 1]: epochs beyond δ·epochs see all data; the paper takes 0.875
     * @param epochs of the training, ≥ 1
     */
    public InfoBatch(int samples, double pruned, double annealing, int epochs, long seed) {
        Checks.requireAtLeast("samples", samples, 1);
        if (!(pruned >= 0 && pruned < 1)) {
            throw new IllegalArgumentException("pruned is " + pruned + ", allowed: 0 up to below 1");
        }
        Checks.requireShare("annealing", annealing);
        Checks.requireAtLeast("epochs", epochs, 1);
        this.scores = new float[samples];
        Arrays.fill(scores, UNSEEN);
        this.pruned = pruned;
        this.lastPruned = annealing * epochs;
        this.seed = seed;
        this.weights = new double[samples];
    }

    @Override
    public String name() {
        return "infobatch";
    }

    @Override
    public int[] select(int epoch) {
        Arrays.fill(weights, 1);
        int[] all = IntStream.range(0, scores.length).toArray();
        if (epoch > lastPruned) {
            return all;
        }
        double mean = IntStream.of(all).mapToDouble(i -> scores[i]).sum() / scores.length;
        int[] below = IntStream.of(all).filter(i -> scores[i] < mean).toArray();
        int[] shuffled = Philox.shuffle(below.clone(), seed, epoch, Slot.SELECTION);
        int kept = (int) ((1 - pruned) * below.length);
        Arrays.stream(shuffled, 0, kept).forEach(i -> weights[i] = 1 / (1 - pruned));
        Arrays.stream(shuffled, kept, below.length).forEach(i -> weights[i] = 0);
        return IntStream.of(all).filter(i -> weights[i] > 0).toArray();
    }

    @Override
    public void observe(int[] samples, float[] losses) {
        Checks.requireLosses(samples, losses, scores.length);
        for (int i = 0; i < samples.length; i++) {
            scores[samples[i]] = losses[i];
        }
    }

    @Override
    public int count(int epoch) {
        return scores.length;
    }

    /** Scores [N] and weights [N]. */
    @Override
    public double[] state() {
        int samples = scores.length;
        double[] state = new double[2 * samples];
        Arrays.setAll(state, i -> i < samples ? scores[i] : weights[i - samples]);
        return state;
    }

    @Override
    public void restore(double[] state) {
        int samples = scores.length;
        if (state.length != 2 * samples) {
            throw new IllegalArgumentException("state has " + state.length + " entries, allowed: " + 2 * samples);
        }
        Checks.requireFinite("state", state);
        for (int i = 0; i < samples; i++) {
            scores[i] = (float) state[i];
            weights[i] = state[samples + i];
        }
    }

    @Override
    public boolean weighs() {
        return true;
    }

    /** 0 for a sample that was left out. */
    @Override
    public double weight(int sample) {
        return weights[sample];
    }
}
