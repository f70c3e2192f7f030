package dev.quern.select.score;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import dev.quern.select.Cholesky;
import dev.quern.select.Strata;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * CG-score (Nohyun et al. 2023): how much harder a wide network of two layers finds a class against other samples with a sample than without it.
 * Needs images and labels, no training. Larger is more worth keeping; for {@link dev.quern.select.ScoreRanking}.
 *
 * <p>With the network's Gram matrix H and y = ±1, the gap yᵀH⁻¹y − y'ᵀH'⁻¹y' of leaving sample i out is [H⁻¹y]ᵢ² / (H⁻¹)ᵢᵢ, by the Schur
 * complement: one O(n³) factor for all n samples of a class instead of one each.
 */
public final class ComplexityGap {
    private ComplexityGap() {}

    /**
     * @param repetitions ≥ 1, each with other samples against a class; 1 in the released code, 10 are steadier
     * @param jitter added to the diagonal, ≥ 0, so that duplicates do no harm
     */
    public record Setting(int repetitions, double jitter) {
        public static final Setting DEFAULT = new Setting(1, 1e-8);

        public Setting {
            Checks.requireAtLeast("repetitions", repetitions, 1);
            if (!(jitter >= 0 && jitter < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("jitter is " + jitter + ", allowed: finite, ≥ 0");
            }
        }
    }

    /**
     * Scores [N] ≥ 0. Memory: 8·(2n)² bytes for a class of n.
     *
     * @param images [N,dimension] finite, flat and normalised
     * @param labels [N] ≥ 0
     * @param seed of the samples that stand against a class: as many as it has, or all others if they are fewer
     */
    public static double[] scores(float[] images, int dimension, int[] labels, Setting setting, long seed) {
        Checks.requireFeatures(images, dimension, labels);
        double[] norms = new double[labels.length];
        for (int i = 0; i < images.length; i++) {
            norms[i / dimension] += (double) images[i] * images[i];
        }
        double[] scores = new double[labels.length];
        int[][] classes = Strata.byClass(labels);
        for (int repetition = 0; repetition < setting.repetitions; repetition++) {
            for (int label = 0; label < classes.length; label++) {
                int[] members = classes[label];
                int own = label;
                int[] others = IntStream.range(0, labels.length)
                        .filter(i -> labels[i] != own)
                        .toArray();
                Philox.shuffle(others, seed, (long) repetition * classes.length + label, Slot.SELECTION);
                int[] problem = IntStream.concat(
                                Arrays.stream(members),
                                Arrays.stream(others, 0, Math.min(members.length, others.length)))
                        .toArray();
                double[] gaps = gaps(gram(images, dimension, norms, problem, setting.jitter), members.length);
                for (int i = 0; i < members.length; i++) {
                    scores[members[i]] += gaps[i] / setting.repetitions;
                }
            }
        }
        return scores;
    }

    /** The gaps of the first {@code positive} samples; they have y = 1, the others −1. */
    static double[] gaps(double[][] gram, int positive) {
        double[] y = new double[gram.length];
        Arrays.setAll(y, i -> i < positive ? 1 : -1);
        Cholesky factor = new Cholesky(gram);
        double[] solved = factor.solve(y);
        double[] diagonal = factor.inverseDiagonal();
        return IntStream.range(0, positive)
                .mapToDouble(i -> solved[i] * solved[i] / diagonal[i])
                .toArray();
    }

    /** The lower triangle of z·(π − arccos z)/2π, z the cosine of two samples, which is ½ on the diagonal; plus the jitter. */
    private static double[][] gram(float[] images, int dimension, double[] norms, int[] problem, double jitter) {
        double[][] gram = new double[problem.length][problem.length];
        IntStream.range(0, problem.length).parallel().forEach(row -> {
            for (int column = 0; column < row; column++) {
                double dot = 0;
                for (int d = 0; d < dimension; d++) {
                    dot += (double) images[problem[row] * dimension + d] * images[problem[column] * dimension + d];
                }
                double scale = Math.sqrt(norms[problem[row]] * norms[problem[column]]);
                double z = scale > 0 ? Math.min(Math.max(dot / scale, -1), 1) : 0;
                gram[row][column] = z * (Math.PI - Math.acos(z)) / (2 * Math.PI);
            }
            gram[row][row] = 0.5 + jitter;
        });
        return gram;
    }
}
