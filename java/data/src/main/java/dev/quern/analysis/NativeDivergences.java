package dev.quern.analysis;

import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.PointClouds;
import dev.quern.kernels.SinkhornDivergence;
import dev.quern.kernels.SinkhornDivergence.SelfTerms;
import java.nio.FloatBuffer;
import java.util.List;

/** By the point-cloud kernel: no cost matrix is stored. */
record NativeDivergences(Engine engine, double epsilon) implements Divergences {
    /** Values of the points that are packed for one batch: 128 MiB. */
    private static final long BATCH_VALUES = 32L << 20;

    @Override
    public double[] ofPairs(List<Cloud> clouds, List<int[]> pairs, double scale, double diameter) {
        double[] values = new double[pairs.size()];
        for (int first = 0; first < values.length; ) {
            int end = batchEnd(clouds, pairs, first);
            double[] batch = solve(clouds, pairs.subList(first, end), scale, diameter);
            System.arraycopy(batch, 0, values, first, batch.length);
            first = end;
        }
        return values;
    }

    private static int batchEnd(List<Cloud> clouds, List<int[]> pairs, int first) {
        long packed = 0;
        for (int pair = first; pair < pairs.size(); pair++) {
            Cloud x = clouds.get(pairs.get(pair)[0]);
            packed += (long) (x.size() + clouds.get(pairs.get(pair)[1]).size()) * x.dimension();
            if (packed > BATCH_VALUES && pair > first) {
                return pair;
            }
        }
        return pairs.size();
    }

    private double[] solve(List<Cloud> clouds, List<int[]> pairs, double scale, double diameter) {
        List<Cloud> rows = pairs.stream().map(pair -> clouds.get(pair[0])).toList();
        List<Cloud> columns = pairs.stream().map(pair -> clouds.get(pair[1])).toList();
        try (NativeBuffer x = pack(rows);
                NativeBuffer y = pack(columns)) {
            return new SinkhornDivergence(epsilon, 0.5, SelfTerms.BIASED)
                    .solve(engine, new PointClouds(x, y, scale), sizes(rows), sizes(columns), diameter)
                    .value();
        }
    }

    private static long[] sizes(List<Cloud> clouds) {
        return clouds.stream().mapToLong(Cloud::size).toArray();
    }

    private static NativeBuffer pack(List<Cloud> clouds) {
        long points = clouds.stream().mapToLong(Cloud::size).sum();
        NativeBuffer packed =
                NativeBuffer.allocate(DType.FLOAT32, points, clouds.get(0).dimension());
        FloatBuffer target = packed.bytes().asFloatBuffer();
        clouds.forEach(cloud -> cloud.copyTo(target));
        return packed;
    }

    @Override
    public Solution between(LabelledCloud x, LabelledCloud y, double[][] table, double diameter) {
        float[] halves = new float[table.length * table.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (float) (0.5 * table[i / table.length][i % table.length]);
        }
        try (NativeBuffer points = pack(List.of(x.cloud()));
                NativeBuffer others = pack(List.of(y.cloud()));
                NativeBuffer labels = NativeBuffer.copyOf(x.classes(), x.classes().length);
                NativeBuffer otherLabels = NativeBuffer.copyOf(y.classes(), y.classes().length);
                NativeBuffer distances = NativeBuffer.copyOf(halves, table.length, table.length)) {
            SinkhornDivergence.Result result = new SinkhornDivergence(epsilon)
                    .solve(engine, new PointClouds(points, others, 0.5, distances, labels, otherLabels), diameter);
            return new Solution(result.value()[0], result.f(), result.g(), result.steps()[0]);
        }
    }
}
