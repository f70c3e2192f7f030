package dev.quern.analysis;

import dev.quern.kernels.Engine;
import java.util.List;

/**
 * What a distance takes, known before it is computed.
 *
 * @param labelCells pairs of points that the class distances compare, over all steps
 * @param cells pairs of points that the distance itself compares, over all steps
 * @param dimension length of a vector
 * @param bytes of memory beyond the features
 * @param arithmetic of the transport
 */
public record OtddEstimate(double labelCells, double cells, int dimension, long bytes, Arithmetic arithmetic) {
    private static final int PROBE = 1024;
    private static final int FLOAT64_PROBE = 128;
    private static final int PROBE_STEPS_BEYOND_SCHEDULE = 2;

    static OtddEstimate of(Otdd otdd, List<Cloud> classes, int n, int m, double diameter) {
        double all = classes.stream().mapToDouble(Cloud::size).sum();
        double squares = classes.stream()
                .mapToDouble(cloud -> (double) cloud.size() * cloud.size())
                .sum();
        boolean exact = otdd.labelDistance() == LabelDistance.EXACT;
        double box = Box.of(classes).diameter();
        double biased = otdd.quirks().contains(OtddQuirk.BIASED_LABEL_DISTANCE) ? 0 : 2 * squares;
        double labelCells = exact ? (all * all - squares + biased) * steps(box, otdd.epsilon()) : 0;
        double cells = ((double) n * n + (double) m * m + 2.0 * n * m) * steps(diameter, otdd.epsilon());
        int d = classes.get(0).dimension();
        // Both clouds copied and packed, with eight float64 values a point, and one batch of class pairs copied and
        // packed.
        long bytes = (n + (long) m) * (8L * d + 64) + (exact ? 2L << 27 : 24L * d * d);
        return new OtddEstimate(labelCells, cells, d, bytes, otdd.arithmetic());
    }

    private static double steps(double diameter, double epsilon) {
        return Float64Divergences.schedule(diameter, epsilon).size() + PROBE_STEPS_BEYOND_SCHEDULE;
    }

    /** Seconds on this machine, from a small problem of the same dimension that is solved for it. */
    public double seconds(Engine engine) {
        int points = arithmetic == Arithmetic.FLOAT32 ? PROBE : FLOAT64_PROBE;
        float[] values = new float[points * dimension];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 2654435761L >>> 16 & 0xFF) / 256f;
        }
        LabelledFeatures probe = LabelledFeatures.of("probe", values, new int[points]);
        Otdd small = Otdd.PAPER.withArithmetic(arithmetic).withLabelDistance(LabelDistance.MEANS);
        small.between(engine, probe, probe);
        long start = System.nanoTime();
        small.between(engine, probe, probe);
        double perCell = 1e-9 * (System.nanoTime() - start) / small.estimate(probe, probe).cells;
        return perCell * (labelCells + cells);
    }
}
