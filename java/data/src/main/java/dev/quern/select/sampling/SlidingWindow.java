package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import dev.quern.select.Ratio;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * SeTa (Zhou et al. 2025): of a random part of the data, groups the samples by their last loss and trains on a window of the groups that slides from
 * easy to hard, epoch by epoch, and starts again. The first epoch has no losses and sees the whole part.
 */
public final class SlidingWindow implements LossSelection {
    private static final int MOST_ROUNDS = 100;

    private final float[] losses;
    private final Setting setting;
    private final long seed;

    /**
     * How the window slides.
     *
     * @param dropped share r of the data that each epoch leaves out by chance, in [0, 1); the released setting for CIFAR is 0.1
     * @param groups G ≥ 1; 5
     * @param window share w of the groups, in (0, 1]; 0.9
     */
    public record Setting(double dropped, int groups, double window) {
        public static final Setting CIFAR = new Setting(0.1, 5, 0.9);

        public Setting {
            if (!(dropped >= 0 && dropped < 1)) {
                throw new IllegalArgumentException("dropped is " + dropped + ", allowed: 0 up to below 1");
            }
            Checks.requireAtLeast("groups", groups, 1);
            if (!(window > 0 && window <= 1)) {
                throw new IllegalArgumentException("window is " + window + ", allowed: above 0, at most 1");
            }
        }

        private int width() {
            return (int) Math.max(1, Math.round(window * groups));
        }
    }

    /** @param samples N ≥ 1 */
    public SlidingWindow(int samples, Setting setting, long seed) {
        Checks.requireAtLeast("samples", samples, 1);
        this.losses = new float[samples];
        Arrays.fill(losses, Float.MAX_VALUE);
        this.setting = setting;
        this.seed = seed;
    }

    @Override
    public String name() {
        return "seta";
    }

    @Override
    public int count(int epoch) {
        return Ratio.count(losses.length, 1 - setting.dropped);
    }

    @Override
    public int[] select(int epoch) {
        int[] part = Arrays.stream(Philox.permutation(seed, epoch, losses.length, Slot.SELECTION), 0, count(epoch))
                .sorted()
                .toArray();
        if (epoch == 0) {
            return part;
        }
        int[] groups = groups(part);
        int start = epoch % (setting.groups - setting.width() + 1);
        int[] chosen = IntStream.range(0, part.length)
                .filter(i -> groups[i] >= start && groups[i] < start + setting.width())
                .map(i -> part[i])
                .toArray();
        return chosen.length > 0 ? chosen : part;
    }

    /** The group of each of {@code part} by k-means from quantiles, 0 the easiest; samples without a loss belong to the hardest. */
    private int[] groups(int[] part) {
        double[] sorted = IntStream.of(part)
                .mapToDouble(i -> losses[i])
                .filter(loss -> loss < Float.MAX_VALUE)
                .sorted()
                .toArray();
        double[] centres = new double[setting.groups];
        for (int group = 0; group < centres.length && sorted.length > 0; group++) {
            centres[group] = sorted[(int) ((group + 0.5) * sorted.length / centres.length)];
        }
        for (int round = 0; round < MOST_ROUNDS; round++) {
            double[] moved = moved(sorted, centres);
            if (Arrays.equals(moved, centres)) {
                break;
            }
            centres = moved;
        }
        double[] found = centres;
        return IntStream.of(part)
                .map(i -> losses[i] == Float.MAX_VALUE ? found.length - 1 : nearest(losses[i], found))
                .toArray();
    }

    private static double[] moved(double[] sorted, double[] centres) {
        double[] sums = new double[centres.length];
        int[] counts = new int[centres.length];
        for (double loss : sorted) {
            int group = nearest(loss, centres);
            sums[group] += loss;
            counts[group]++;
        }
        return IntStream.range(0, centres.length)
                .mapToDouble(group -> counts[group] == 0 ? centres[group] : sums[group] / counts[group])
                .toArray();
    }

    /** The nearest of ascending centres; of two, the lower. */
    private static int nearest(double loss, double[] centres) {
        int group = 0;
        while (group + 1 < centres.length && loss > (centres[group] + centres[group + 1]) / 2) {
            group++;
        }
        return group;
    }

    @Override
    public void observe(int[] samples, float[] losses) {
        Checks.requireLosses(samples, losses, this.losses.length);
        for (int i = 0; i < samples.length; i++) {
            this.losses[samples[i]] = losses[i];
        }
    }

    /** Last losses [N]. */
    @Override
    public double[] state() {
        return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).toArray();
    }

    @Override
    public void restore(double[] state) {
        if (state.length != losses.length) {
            throw new IllegalArgumentException("state has " + state.length + " entries, allowed: " + losses.length);
        }
        Checks.requireFinite("state", state);
        for (int i = 0; i < state.length; i++) {
            losses[i] = (float) state[i];
        }
    }
}
