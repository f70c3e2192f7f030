package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Cosine of N rows of D: against rows of their own, or each against the row of a table of C classes. */
final class CosineWorkload implements Workload {
    private static final int CHECKED_ROWS = 1000;
    private static final int ROWS_FOR_PEERS = 200_000;

    private final Inputs inputs = new Inputs();
    private final NativeBuffer x;
    private final NativeBuffer y;
    private final NativeBuffer index;
    private final NativeBuffer consistency;

    private CosineWorkload(int n, int d, int classes) {
        SplittableRandom random = new SplittableRandom(1);
        x = inputs.add("x", Draws.uniform(random, n, d));
        y = inputs.add("y", Draws.uniform(random, classes == 0 ? n : classes, d));
        index = classes == 0 ? null : inputs.add("index", Draws.integers(random, classes, n));
        consistency = NativeBuffer.allocate(DType.FLOAT32, n);
    }

    static CosineWorkload paired(int n, int d) {
        return new CosineWorkload(n, d, 0);
    }

    static CosineWorkload byClass(int n, int d, int classes) {
        return new CosineWorkload(n, d, classes);
    }

    @Override
    public void run(Engine engine) {
        if (index == null) {
            CosineConsistency.ofRows(engine, x, y, consistency);
        } else {
            CosineConsistency.ofIndexedRows(engine, x, y, index, consistency);
        }
    }

    @Override
    public float[] output() {
        return consistency.toFloats();
    }

    @Override
    public double error(float[] output) {
        double worst = 0;
        int step = Math.max(1, output.length / CHECKED_ROWS);
        int d = (int) x.dimension(1);
        for (int row = 0; row < output.length; row += step) {
            int other = index == null ? row : index.bytes().asIntBuffer().get(row);
            float[] a = Draws.row(x, row, d);
            float[] b = Draws.row(y, other, d);
            double ab = 0;
            double aa = 0;
            double bb = 0;
            for (int j = 0; j < d; j++) {
                ab += (double) a[j] * b[j];
                aa += (double) a[j] * a[j];
                bb += (double) b[j] * b[j];
            }
            worst = Errors.worse(worst, Math.abs(output[row] - ab / Math.sqrt(aa * bb)));
        }
        return worst;
    }

    @Override
    public double tolerance() {
        return 1e-6;
    }

    @Override
    public Limit limit(Ceilings ceilings) {
        long bytes = Float.BYTES * (x.size() + (index == null ? y.size() : 2 * x.dimension(0)));
        return ceilings.traffic(Ceilings.Traffic.READ, bytes);
    }

    @Override
    public List<PeerProcess.Kind> peers() {
        // Each peer would hold another copy of the inputs.
        return x.dimension(0) > ROWS_FOR_PEERS ? List.of() : Workload.super.peers();
    }

    @Override
    public void save(Path folder) throws IOException {
        inputs.save(folder);
    }

    @Override
    public void close() {
        inputs.close();
        consistency.close();
    }
}
