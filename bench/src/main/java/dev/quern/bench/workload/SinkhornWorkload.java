package dev.quern.bench.workload;

import dev.quern.bench.workload.Ceilings.Traffic;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.Sinkhorn;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Sinkhorn with stored costs: B problems of N×N, ε = 0.05 of the largest cost, a fixed number of iterations, plans returned. */
public final class SinkhornWorkload implements Workload {
    private static final double EPSILON = 0.05;
    private static final int ITERATIONS = 100;
    private static final int DIMENSIONS = 16;
    private static final int CHECKED_PROBLEMS = 4;

    private final Inputs inputs = new Inputs();
    private final NativeBuffer cost;
    private final NativeBuffer plan;
    private final Sinkhorn sinkhorn = new Sinkhorn(EPSILON, ITERATIONS, 0);
    private final int batch;
    private final int n;
    private double[] expected;

    /** {@code batch} problems of {@code n} by {@code n}. */
    public SinkhornWorkload(int batch, int n) {
        this.batch = batch;
        this.n = n;
        cost = inputs.add("cost", costs(new SplittableRandom(2), batch, n));
        inputs.add("epsilon", NativeBuffer.copyOf(new double[] {EPSILON}, 1));
        inputs.add("iterations", NativeBuffer.copyOf(new long[] {ITERATIONS}, 1));
        plan = NativeBuffer.allocate(DType.FLOAT32, batch, n, n);
    }

    /** Squared distances of two normal clouds half a deviation apart, the largest of each problem 1. */
    private static NativeBuffer costs(SplittableRandom random, int batch, int n) {
        NativeBuffer costs = NativeBuffer.allocate(DType.FLOAT32, batch, n, n);
        FloatBuffer all = costs.bytes().asFloatBuffer();
        float[] problem = new float[n * n];
        for (int b = 0; b < batch; b++) {
            float[] x = Draws.normal(random, n * DIMENSIONS);
            float[] y = Draws.normal(random, n * DIMENSIONS);
            float largest = 0;
            for (int i = 0; i < problem.length; i++) {
                float sum = 0;
                for (int j = 0; j < DIMENSIONS; j++) {
                    float apart = x[i / n * DIMENSIONS + j] - y[i % n * DIMENSIONS + j] - 0.5f;
                    sum += apart * apart;
                }
                problem[i] = sum;
                largest = Math.max(largest, sum);
            }
            for (float value : problem) {
                all.put(value / largest);
            }
        }
        return costs;
    }

    @Override
    public void run(Engine engine) {
        sinkhorn.solve(engine, cost, null, null, Sinkhorn.Outputs.ofPlan(plan));
    }

    @Override
    public float[] output() {
        return plan.toFloats();
    }

    /** Worst |P − P₆₄|·N² over the first problems: relative to the plan of independent marginals. */
    @Override
    public double error(float[] output) {
        if (expected == null) {
            expected = plansInDouble(Math.min(batch, CHECKED_PROBLEMS));
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Errors.worse(worst, Math.abs(output[i] - expected[i]) * n * n);
        }
        return worst;
    }

    /** In the linear domain, where float64 has room for costs up to 700·ε. */
    private double[] plansInDouble(int problems) {
        FloatBuffer costs = cost.bytes().asFloatBuffer();
        double[] plans = new double[problems * n * n];
        for (int problem = 0; problem < problems; problem++) {
            int start = problem * n * n;
            double[] v = new double[n];
            double[] u = new double[n];
            Arrays.fill(v, 1);
            for (int i = 0; i < n * n; i++) {
                plans[start + i] = Math.exp(-costs.get(start + i) / EPSILON);
            }
            for (int iteration = 0; iteration < ITERATIONS; iteration++) {
                double[] columns = new double[n];
                for (int i = 0; i < n; i++) {
                    double sum = 0;
                    for (int j = 0; j < n; j++) {
                        sum += plans[start + i * n + j] * v[j];
                    }
                    u[i] = 1 / (n * sum);
                    for (int j = 0; j < n; j++) {
                        columns[j] += u[i] * plans[start + i * n + j];
                    }
                }
                Arrays.setAll(v, j -> 1 / (n * columns[j]));
            }
            for (int i = 0; i < n * n; i++) {
                plans[start + i] *= u[i / n] * v[i % n];
            }
        }
        return plans;
    }

    @Override
    public double tolerance() {
        return 1e-3;
    }

    /** An iteration reads K once for two multiply-adds a cell; K and the plan are made once. */
    @Override
    public Limit limit(Ceilings ceilings) {
        double cells = (double) batch * n * n;
        long resident = (long) Float.BYTES * n * n * Math.min(batch, ceilings.threads());
        double bytes = ITERATIONS * cells * Float.BYTES;
        Limit reads = new Limit("read", bytes / ceilings.bandwidth(Traffic.READ, resident));
        return reads.or(ceilings.fastest("fp32-", ITERATIONS * cells * 4)).then(ceilings.operations("exp", cells));
    }

    @Override
    public void save(Path folder) throws IOException {
        inputs.save(folder);
    }

    @Override
    public void close() {
        inputs.close();
        plan.close();
    }
}
