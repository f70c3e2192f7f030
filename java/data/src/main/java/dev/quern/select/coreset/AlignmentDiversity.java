package dev.quern.select.coreset;

import dev.quern.select.Ratio;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The two scores of CLIP-powered selection (Yang et al. 2025), each scaled to [0, 1] over the data set.
 *
 * @param semanticAlignment [N] cosine of image and text of the given label
 * @param sampleDiversity [N] mean Euclidean distance to the nearest images of the same label
 */
public record AlignmentDiversity(double[] semanticAlignment, double[] sampleDiversity) {
    /** Share of diversity in {@link #merit()}. */
    public static final double DIVERSITY_WEIGHT = 0.1;

    public AlignmentDiversity {
        if (semanticAlignment.length == 0 || semanticAlignment.length != sampleDiversity.length) {
            throw new IllegalArgumentException("sampleDiversity has " + sampleDiversity.length + " entries, allowed: "
                    + semanticAlignment.length + " ≥ 1, as semanticAlignment");
        }
        requireFinite("semanticAlignment", semanticAlignment);
        requireFinite("sampleDiversity", sampleDiversity);
    }

    /**
     * Scales raw scores to [0, 1] each, the least to 0 and the greatest to 1; scores that are all equal become 0.
     *
     * @param cosines [N], finite
     * @param distances [N], finite
     */
    public static AlignmentDiversity ofRaw(double[] cosines, double[] distances) {
        AlignmentDiversity raw = new AlignmentDiversity(cosines, distances);
        return new AlignmentDiversity(scaled(raw.semanticAlignment), scaled(raw.sampleDiversity));
    }

    /** What the optimiser weighs against the cost of keeping a sample: SA/mean(SA) + 0.1·SD/mean(SD), [N]. */
    public double[] merit() {
        double alignment = mean(semanticAlignment);
        double diversity = mean(sampleDiversity);
        double[] merit = new double[semanticAlignment.length];
        Arrays.setAll(
                merit,
                i -> share(semanticAlignment[i], alignment) + DIVERSITY_WEIGHT * share(sampleDiversity[i], diversity));
        return merit;
    }

    /**
     * The samples that {@link StraightThroughSelection} converges to, at once: the round(ratio·N) of greatest merit, at least 1, ties to the lower
     * index.
     *
     * @param ratio above 0, below 1
     * @return ascending indices
     */
    public int[] select(double ratio) {
        requireRatio(ratio);
        return best(merit(), Ratio.count(semanticAlignment.length, ratio));
    }

    /** Ascending indices of the {@code count} greatest merits. */
    static int[] best(double[] merit, int count) {
        return IntStream.range(0, merit.length)
                .boxed()
                .sorted((i, j) -> Double.compare(merit[j], merit[i]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    static void requireRatio(double ratio) {
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("ratio is " + ratio + ", allowed: above 0, below 1");
        }
    }

    private static double[] scaled(double[] scores) {
        double low = Arrays.stream(scores).min().orElseThrow();
        double range = Arrays.stream(scores).max().orElseThrow() - low;
        return Arrays.stream(scores)
                .map(score -> range == 0 ? 0 : (score - low) / range)
                .toArray();
    }

    private static double mean(double[] scores) {
        return Arrays.stream(scores).average().orElseThrow();
    }

    private static double share(double score, double mean) {
        return mean == 0 ? 0 : score / mean;
    }

    private static void requireFinite(String name, double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + scores[i] + ", allowed: finite numbers");
            }
        }
    }
}
