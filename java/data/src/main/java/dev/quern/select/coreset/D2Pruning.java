package dev.quern.select.coreset;

import dev.quern.select.Checks;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.Ratio;
import dev.quern.select.Selector;
import dev.quern.select.Strata;
import java.util.Arrays;

/**
 * D2-Pruning (Maharana et al. 2024): on the graph of nearest neighbours a sample gathers its neighbours' difficulty; then the best is taken
 * again and again, and takes from its neighbours what they share with it.
 */
public final class D2Pruning implements Selector {
    private final double[] difficulty;
    private final Neighbors neighbors;
    private final double dropped;
    private final double gamma;
    private final int[] labels;
    private final Quota quota;

    /**
     * Nearest neighbours of every sample.
     *
     * @param indices [N,k], −1 where there is none
     * @param distances [N,k] finite, ≥ 0; not read where there is no neighbour
     */
    public record Neighbors(long[] indices, float[] distances) {
        private void require(int samples) {
            if (indices.length % samples != 0 || distances.length != indices.length) {
                throw new IllegalArgumentException("neighbours have " + indices.length + " indices and "
                        + distances.length + " distances, allowed: as many of each, a multiple of " + samples);
            }
            for (int e = 0; e < indices.length; e++) {
                boolean known = indices[e] >= 0 && indices[e] < samples;
                if (indices[e] != -1 && !(known && distances[e] >= 0 && Float.isFinite(distances[e]))) {
                    throw new IllegalArgumentException("neighbour " + e + " is " + indices[e] + " at distance "
                            + distances[e] + ", allowed: −1 … " + (samples - 1) + ", ≥ 0 and finite");
                }
            }
        }
    }

    /**
     * @param difficulty [N] finite, ≥ 0, larger is harder; a margin has to be turned round and shifted first
     * @param dropped share β of the hardest samples that is left out, in [0, 1)
     * @param gamma of the weight exp(−γ·distance) by which a taken sample lowers its neighbours, ≥ 0; the paper takes 0.1 … 1
     * @param labels [N] ≥ 0; with a quota per class each class takes by itself
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public D2Pruning(
            double[] difficulty, Neighbors neighbors, double dropped, double gamma, int[] labels, Quota quota) {
        Checks.requireFinite("difficulty", difficulty);
        Arrays.stream(difficulty).filter(value -> value < 0).findFirst().ifPresent(value -> {
            throw new IllegalArgumentException("difficulty holds " + value + ", allowed: ≥ 0");
        });
        if (labels.length == 0 || labels.length != difficulty.length) {
            throw new IllegalArgumentException("labels and difficulty have " + labels.length + " and "
                    + difficulty.length + " entries, allowed: as many of each, ≥ 1");
        }
        if (!(gamma >= 0 && Double.isFinite(gamma))) {
            throw new IllegalArgumentException("gamma is " + gamma + ", allowed: ≥ 0, finite");
        }
        CoverageCentric.requireShare(dropped);
        neighbors.require(labels.length);
        this.difficulty = difficulty.clone();
        this.neighbors = neighbors;
        this.dropped = dropped;
        this.gamma = gamma;
        this.labels = labels.clone();
        this.quota = quota;
    }

    @Override
    public String name() {
        return "d2";
    }

    @Override
    public int[] select(double ratio) {
        int count = Ratio.count(difficulty.length, ratio);
        int[] kept = CoverageCentric.easiest(difficulty, dropped, count);
        int[] ofKept = Arrays.stream(kept).map(i -> labels[i]).toArray();
        double[] priority = gathered();
        return Strata.of(ofKept, quota).choose(count, (places, share) -> {
            int[] members = Arrays.stream(places).map(place -> kept[place]).toArray();
            return take(priority.clone(), members, share);
        });
    }

    /** s_i + Σ_j exp(−d_ij)·s_j over the neighbours j. */
    double[] gathered() {
        int k = neighbors.indices.length / difficulty.length;
        double[] gathered = difficulty.clone();
        for (int e = 0; e < neighbors.indices.length; e++) {
            if (neighbors.indices[e] >= 0) {
                gathered[e / k] += Math.exp(-neighbors.distances[e]) * difficulty[(int) neighbors.indices[e]];
            }
        }
        return gathered;
    }

    private int[] take(double[] priority, int[] members, int count) {
        int k = neighbors.indices.length / difficulty.length;
        boolean[] taken = new boolean[difficulty.length];
        int[] chosen = new int[count];
        for (int step = 0; step < count; step++) {
            int best = -1;
            for (int i : members) {
                if (!taken[i] && (best < 0 || priority[i] > priority[best])) {
                    best = i;
                }
            }
            taken[best] = true;
            chosen[step] = best;
            for (int e = best * k; e < (best + 1) * k; e++) {
                if (neighbors.indices[e] >= 0) {
                    priority[(int) neighbors.indices[e]] -= Math.exp(-gamma * neighbors.distances[e]) * priority[best];
                }
            }
        }
        return chosen;
    }
}
