package dev.quern.bench.workload;

import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.PointClouds;
import dev.quern.kernels.Sinkhorn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Sinkhorn between two clouds of N points of D, the cost ½‖x − y‖² never stored. */
final class PointsWorkload implements Workload {
    private static final double EPSILON = 8;
    private static final int CHECKED_POINTS = 40;

    private final Inputs inputs = new Inputs();
    private final NativeBuffer x;
    private final NativeBuffer y;
    private final NativeBuffer f;
    private final NativeBuffer g;
    private final Sinkhorn sinkhorn;
    private final int n;
    private final int d;

    PointsWorkload(int n, int d, int iterations) {
        this.n = n;
        this.d = d;
        SplittableRandom random = new SplittableRandom(3);
        x = inputs.add("x", NativeBuffer.copyOf(Draws.normal(random, n * d), n, d));
        y = inputs.add("y", NativeBuffer.copyOf(Draws.normal(random, n * d), n, d));
        inputs.add("epsilon", NativeBuffer.copyOf(new double[] {EPSILON}, 1));
        inputs.add("iterations", NativeBuffer.copyOf(new long[] {iterations}, 1));
        f = NativeBuffer.allocate(DType.FLOAT32, 1, n);
        g = NativeBuffer.allocate(DType.FLOAT32, 1, n);
        sinkhorn = new Sinkhorn(EPSILON, iterations, 0);
    }

    @Override
    public void run(Engine engine) {
        sinkhorn.solve(engine, new PointClouds(x, y, 0.5), Sinkhorn.Outputs.ofPotentials(f, g));
    }

    /** f, then g. */
    @Override
    public float[] output() {
        float[] both = new float[2 * n];
        System.arraycopy(f.toFloats(), 0, both, 0, n);
        System.arraycopy(g.toFloats(), 0, both, n, n);
        return both;
    }

    /** Worst |g − g₆₄|/ε over some points, where g₆₄ is the update from the f that was returned. */
    @Override
    public double error(float[] output) {
        float[] points = x.toFloats();
        double worst = 0;
        for (int j = 0; j < n; j += Math.max(1, n / CHECKED_POINTS)) {
            worst = Errors.worse(worst, Math.abs(output[n + j] - softmin(points, output, j)) / EPSILON);
        }
        return worst;
    }

    /** −ε log Σ_i exp((f_i − C_ij)/ε)/N. */
    private double softmin(float[] points, float[] potentials, int j) {
        float[] target = Draws.row(y, j, d);
        double[] exponents = new double[n];
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            double squared = 0;
            for (int k = 0; k < d; k++) {
                double apart = (double) points[i * d + k] - target[k];
                squared += apart * apart;
            }
            exponents[i] = (potentials[i] - squared / 2) / EPSILON;
            top = Math.max(top, exponents[i]);
        }
        double sum = 0;
        for (double exponent : exponents) {
            sum += Math.exp(exponent - top);
        }
        return -EPSILON * (top + Math.log(sum / n));
    }

    @Override
    public double tolerance() {
        return 1e-5;
    }

    /** An iteration takes every product and its exponential once; both updates are sums of them. */
    @Override
    public Limit limit(Ceilings ceilings) {
        double pairs = (double) sinkhorn.maxIterations() * n * n;
        return ceilings.fastest("fp32-", pairs * 2 * d).then(ceilings.operations("exp", pairs));
    }

    @Override
    public void save(Path folder) throws IOException {
        inputs.save(folder);
    }

    @Override
    public void close() {
        inputs.close();
        f.close();
        g.close();
    }
}
