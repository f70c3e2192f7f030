package dev.quern.select.coreset;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import dev.quern.select.Cholesky;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.Selector;
import dev.quern.select.Strata;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Dataset pruning, DP (Yang et al. 2023): leaves out the samples whose influences on the parameters, S = H⁻¹·gradient / N, cancel best, so that
 * ‖Σ S‖ of what is left out is small: greedily, then by simulated annealing.
 *
 * <p>H is the mean of g·gᵀ plus a damped diagonal, over the gradients given; of a large last layer those are
 * {@linkplain dev.quern.select.score.LastLayerGradients#projected projections}, and the influences then approximations. Takes O(m·N·dimension) for m left out.
 */
public final class InfluencePruning implements Selector {
    private final double[][] influences;
    private final Strata strata;
    private final Setting setting;
    private final long seed;

    /**
     * @param damping added to the diagonal of H, above 0
     * @param temperature of the first swap, in mean lengths of an influence, above 0
     * @param cooling of the temperature from swap to swap, in (0, 1)
     * @param swaps tried, ≥ 0
     */
    public record Setting(double damping, double temperature, double cooling, int swaps) {
        public static final Setting DEFAULT = new Setting(0.01, 1, 0.99, 100_000);

        public Setting {
            if (!(damping > 0 && damping < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("damping is " + damping + ", allowed: above 0, finite");
            }
            if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("temperature is " + temperature + ", allowed: above 0, finite");
            }
            if (!(cooling > 0 && cooling < 1)) {
                throw new IllegalArgumentException("cooling is " + cooling + ", allowed: above 0, below 1");
            }
            Checks.requireAtLeast("swaps", swaps, 0);
        }
    }

    /**
     * @param gradients [N,dimension] finite, of each sample's loss
     * @param dimension 1 … a few hundred; the method takes 256
     * @param labels [N] ≥ 0
     */
    public InfluencePruning(float[] gradients, int dimension, int[] labels, Quota quota, Setting setting, long seed) {
        Checks.requireFeatures(gradients, dimension, labels);
        this.influences = influences(gradients, dimension, setting.damping);
        this.strata = Strata.of(labels, quota);
        this.setting = setting;
        this.seed = seed;
    }

    @Override
    public String name() {
        return "dp";
    }

    @Override
    public int[] select(double ratio) {
        return strata.choose(Ratio.count(influences.length, ratio), this::kept);
    }

    /** S = (Σ g·gᵀ/N + damping)⁻¹·g / N of every sample. */
    static double[][] influences(float[] gradients, int dimension, double damping) {
        int samples = gradients.length / dimension;
        double[][] hessian = new double[dimension][dimension];
        IntStream.range(0, dimension).parallel().forEach(row -> {
            for (int i = 0; i < samples; i++) {
                double scaled = (double) gradients[i * dimension + row] / samples;
                for (int column = 0; column <= row; column++) {
                    hessian[row][column] += scaled * gradients[i * dimension + column];
                }
            }
            hessian[row][row] += damping;
        });
        Cholesky factor = new Cholesky(hessian);
        double[][] influences = new double[samples][];
        Arrays.parallelSetAll(influences, i -> {
            double[] scaled = new double[dimension];
            Arrays.setAll(scaled, d -> (double) gradients[i * dimension + d] / samples);
            return factor.solve(scaled);
        });
        return influences;
    }

    private int[] kept(int[] members, int count) {
        int[] order = members.clone();
        int out = members.length - count;
        double[] sum = leaveOut(order, out);
        if (out > 0 && count > 0) {
            anneal(order, out, sum);
        }
        return Arrays.copyOfRange(order, out, order.length);
    }

    /** Brings the samples to leave out to the front, one by one that of the shortest sum; returns the sum. */
    private double[] leaveOut(int[] order, int out) {
        double[] none = new double[influences[0].length];
        double[] sum = none.clone();
        for (int place = 0; place < out; place++) {
            int best = place;
            double shortest = Double.POSITIVE_INFINITY;
            for (int i = place; i < order.length; i++) {
                double length = length(sum, influences[order[i]], none);
                if (length < shortest || length == shortest && order[i] < order[best]) {
                    best = i;
                    shortest = length;
                }
            }
            exchange(order, place, best);
            add(sum, influences[order[place]], none);
        }
        return sum;
    }

    /** Swaps one sample of the front and one of the rest as long as chance and temperature let it; ends with the best front of all. */
    private void anneal(int[] order, int out, double[] sum) {
        double[] none = new double[sum.length];
        double temperature = setting.temperature
                * Arrays.stream(order)
                        .mapToDouble(i -> length(influences[i], none, none))
                        .average()
                        .orElseThrow();
        double now = length(sum, none, none);
        double shortest = now;
        int[] best = order.clone();
        for (int swap = 0; swap < setting.swaps; swap++) {
            int front = Philox.uniformInt(out, seed, swap, 0, Slot.SWAP);
            int rest = out + Philox.uniformInt(order.length - out, seed, swap, 1, Slot.SWAP);
            double[] leaving = influences[order[front]];
            double[] coming = influences[order[rest]];
            double after = length(sum, coming, leaving);
            if (after <= now
                    || Philox.uniform(seed, swap, 2, Slot.SWAP) < StrictMath.exp((now - after) / temperature)) {
                exchange(order, front, rest);
                add(sum, coming, leaving);
                now = after;
            }
            if (now < shortest) {
                shortest = now;
                System.arraycopy(order, 0, best, 0, order.length);
            }
            temperature *= setting.cooling;
        }
        System.arraycopy(best, 0, order, 0, order.length);
    }

    private static void exchange(int[] order, int a, int b) {
        int first = order[a];
        order[a] = order[b];
        order[b] = first;
    }

    private static void add(double[] sum, double[] coming, double[] leaving) {
        for (int d = 0; d < sum.length; d++) {
            sum[d] += coming[d] - leaving[d];
        }
    }

    /** ‖sum + coming − leaving‖. */
    private static double length(double[] sum, double[] coming, double[] leaving) {
        double squares = 0;
        for (int d = 0; d < sum.length; d++) {
            double value = sum[d] + (coming[d] - leaving[d]);
            squares += value * value;
        }
        return Math.sqrt(squares);
    }
}
