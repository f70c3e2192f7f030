package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.KnnDensity;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Mean distance to the 10 nearest of N unit rows of D around 100 centres: among all rows, or within their classes. */
public final class KnnWorkload implements Workload {
    private static final int NEIGHBOURS = 10;
    private static final int CENTRES = 100;
    private static final float SPREAD = 0.7f;
    private static final int CHECKED_ROWS = 40;

    /** Where neighbours are sought. */
    public enum Among {
        ALL,
        CLASS
    }

    private final Inputs inputs = new Inputs();
    private final NativeBuffer points;
    private final NativeBuffer labels;
    private final NativeBuffer density;
    private final int n;
    private final int d;
    private double[] expected;
    private long fallbackRows;

    /** {@code n} rows of {@code d}. */
    public KnnWorkload(int n, int d, Among among) {
        this.n = n;
        this.d = d;
        SplittableRandom random = new SplittableRandom(4);
        NativeBuffer centres = Draws.integers(random, CENTRES, n);
        if (among == Among.CLASS) {
            IntBuffer equal = centres.bytes().asIntBuffer();
            for (int row = 0; row < n; row++) {
                equal.put(row, row % CENTRES);
            }
        }
        points = inputs.add("points", clustered(random, centres.bytes().asIntBuffer(), d));
        inputs.add("k", NativeBuffer.copyOf(new long[] {NEIGHBOURS}, 1));
        if (among == Among.CLASS) {
            labels = inputs.add("labels", centres);
        } else {
            labels = null;
            centres.close();
        }
        density = NativeBuffer.allocate(DType.FLOAT32, n);
    }

    private static NativeBuffer clustered(SplittableRandom random, IntBuffer centres, int d) {
        int n = centres.capacity();
        NativeBuffer rows = NativeBuffer.allocate(DType.FLOAT32, n, d);
        float[] centre = Draws.normal(random, CENTRES * d);
        for (int row = 0; row < n; row++) {
            float[] values = Draws.normal(random, d);
            double squared = 0;
            for (int j = 0; j < d; j++) {
                values[j] += SPREAD * centre[centres.get(row) * d + j];
                squared += values[j] * values[j];
            }
            float scale = (float) (1 / Math.sqrt(squared));
            for (int j = 0; j < d; j++) {
                values[j] *= scale;
            }
            rows.bytes().asFloatBuffer().put(row * d, values);
        }
        return rows;
    }

    @Override
    public void run(Engine engine) {
        fallbackRows =
                new KnnDensity(NEIGHBOURS).search(engine, points, labels, new KnnDensity.Result(density, null, null));
    }

    @Override
    public float[] output() {
        return density.toFloats();
    }

    /** Worst relative error over some rows. */
    @Override
    public double error(float[] output) {
        int step = Math.max(1, n / CHECKED_ROWS);
        if (expected == null) {
            expected = IntStream.range(0, n / step)
                    .mapToDouble(i -> densityInDouble(i * step))
                    .toArray();
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Errors.worse(worst, Math.abs(output[i * step] - expected[i]) / expected[i]);
        }
        return worst;
    }

    private double densityInDouble(int row) {
        IntBuffer classes = labels == null ? null : labels.bytes().asIntBuffer();
        float[] query = Draws.row(points, row, d);
        double[] distances = new double[n];
        Arrays.fill(distances, Double.POSITIVE_INFINITY);
        for (int other = 0; other < n; other++) {
            if (other != row && (classes == null || classes.get(other) == classes.get(row))) {
                float[] point = Draws.row(points, other, d);
                double squared = 0;
                for (int j = 0; j < d; j++) {
                    double apart = (double) query[j] - point[j];
                    squared += apart * apart;
                }
                distances[other] = Math.sqrt(squared);
            }
        }
        return Arrays.stream(distances).sorted().limit(NEIGHBOURS).average().orElseThrow();
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of("rows", (long) n, "fallback_rows", fallbackRows);
    }

    @Override
    public double tolerance() {
        return 3e-6;
    }

    /** Every product of two rows once, in the fastest arithmetic that a certificate allows. */
    @Override
    public Limit limit(Ceilings ceilings) {
        double rows = labels == null ? n : (double) n / CENTRES;
        return ceilings.fastest("int16-", n * rows / 2 * 2 * d);
    }

    @Override
    public List<PeerProcess.Kind> peers() {
        List<PeerProcess.Kind> kinds = new ArrayList<>(Workload.super.peers());
        kinds.add(PeerProcess.Kind.FAISS_AVX2);
        return kinds;
    }

    @Override
    public void save(Path folder) throws IOException {
        inputs.save(folder);
    }

    @Override
    public void close() {
        inputs.close();
        density.close();
    }
}
