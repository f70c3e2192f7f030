package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_point_clouds;
import dev.quern.kernels.abi.quern_sinkhorn_params;
import dev.quern.kernels.abi.quern_sinkhorn_result;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Entropic optimal transport by Sinkhorn's iterations (Cuturi 2013), log-safe, a batch of problems in one call. Plans are
 * P_ij = a_i b_j exp((f_i + g_j − C_ij)/ε).
 *
 * @param epsilon regularisation in units of the cost, &gt; 0
 * @param maxIterations ≥ 1
 * @param tolerance L1 error of the row marginals at which a problem stops, ≥ 1e-6; 0: run all iterations
 */
public record Sinkhorn(double epsilon, int maxIterations, double tolerance) {

    /**
     * What a batch of B problems of shape N×M gave.
     *
     * @param f potentials [B,N]
     * @param g potentials [B,M]
     * @param plan [B,N,M], or null where it was not asked for
     * @param cost ⟨P,C⟩ per problem
     * @param dual ⟨a,f⟩ + ⟨b,g⟩ per problem
     * @param marginalError L1 error of the row marginals per problem
     * @param iterations per problem
     * @param converged whether the tolerance was met, per problem
     */
    public record Result(
            float[] f,
            float[] g,
            float[] plan,
            double[] cost,
            double[] dual,
            double[] marginalError,
            long[] iterations,
            boolean[] converged) {}

    /** Whether the plan is returned. */
    public enum Plan {
        OMIT,
        RETURN
    }

    /** Solves one problem on heap arrays: {@code cost} [n,m], {@code a} [n] and {@code b} [m] or null for uniform marginals. */
    public Result solve(Engine engine, float[] cost, int n, int m, float[] a, float[] b, Plan plan) {
        try (NativeBuffer nativeCost = NativeBuffer.copyOf(cost, 1, n, m);
                NativeBuffer nativeA = a == null ? null : NativeBuffer.copyOf(a, 1, a.length);
                NativeBuffer nativeB = b == null ? null : NativeBuffer.copyOf(b, 1, b.length)) {
            return solve(engine, nativeCost, nativeA, nativeB, plan);
        }
    }

    /**
     * Solves a batch with stored costs.
     *
     * @param cost FLOAT32 [B,N,M]; NaN is refused, +infinity forbids a pair
     * @param a FLOAT32 [B,N] row marginals, ≥ 0, each summing to 1; null: uniform
     * @param b FLOAT32 [B,M]; null: uniform
     */
    public Result solve(Engine engine, NativeBuffer cost, NativeBuffer a, NativeBuffer b, Plan plan) {
        cost.require(DType.FLOAT32);
        if (cost.rank() != 3) {
            throw new InvalidArgumentException("cost is " + cost + ", allowed: FLOAT32[B,N,M]");
        }
        long batch = cost.dimension(0);
        long n = cost.dimension(1);
        long m = cost.dimension(2);
        try (quern_sinkhorn_params params = params(batch, n, m, a, b);
                Outputs outputs = new Outputs(batch, n, m, plan)) {
            engine.run(context ->
                    quern.quern_sinkhorn(context, params, new FloatPointer(cost.pointer()), outputs.native_));
            return outputs.toResult();
        }
    }

    /**
     * Solves one problem between labelled point clouds without storing its cost
     * C_ij = scale·‖x_i − y_j‖² + table[label(x_i), label(y_j)].
     */
    public Result solve(Engine engine, PointClouds clouds) {
        long n = clouds.x().dimension(0);
        long m = clouds.y().dimension(0);
        try (quern_sinkhorn_params params = params(1, n, m, null, null);
                quern_point_clouds native_ = clouds.toNative();
                Outputs outputs = new Outputs(1, n, m, Plan.OMIT)) {
            engine.run(context -> quern.quern_sinkhorn_points(context, params, native_, outputs.native_));
            return outputs.toResult();
        }
    }

    private quern_sinkhorn_params params(long batch, long n, long m, NativeBuffer a, NativeBuffer b) {
        if (a != null) {
            Rows.requireShape("a", a, DType.FLOAT32, batch, n);
        }
        if (b != null) {
            Rows.requireShape("b", b, DType.FLOAT32, batch, m);
        }
        if (maxIterations < 1) {
            throw new InvalidArgumentException("maxIterations is " + maxIterations + ", allowed: ≥ 1");
        }
        quern_sinkhorn_params params = new quern_sinkhorn_params();
        Pointer.memset(params, 0, params.sizeof());
        params.batch(batch).n(n).m(m);
        params.epsilon(epsilon).max_iterations(maxIterations).tolerance(tolerance);
        if (a != null) {
            params.a(new FloatPointer(a.pointer()));
        }
        if (b != null) {
            params.b(new FloatPointer(b.pointer()));
        }
        return params;
    }

    /** Native memory of a result while the call runs. */
    private static final class Outputs implements AutoCloseable {
        final quern_sinkhorn_result native_ = new quern_sinkhorn_result();
        private final NativeBuffer f;
        private final NativeBuffer g;
        private final NativeBuffer plan;
        private final NativeBuffer cost;
        private final NativeBuffer dual;
        private final NativeBuffer marginalError;
        private final NativeBuffer iterations;
        private final NativeBuffer converged;

        Outputs(long batch, long n, long m, Plan wanted) {
            Pointer.memset(native_, 0, native_.sizeof());
            f = NativeBuffer.allocate(DType.FLOAT32, batch, n);
            g = NativeBuffer.allocate(DType.FLOAT32, batch, m);
            plan = wanted == Plan.RETURN ? NativeBuffer.allocate(DType.FLOAT32, batch, n, m) : null;
            cost = NativeBuffer.allocate(DType.FLOAT64, batch);
            dual = NativeBuffer.allocate(DType.FLOAT64, batch);
            marginalError = NativeBuffer.allocate(DType.FLOAT64, batch);
            iterations = NativeBuffer.allocate(DType.INT64, batch);
            converged = NativeBuffer.allocate(DType.UINT8, batch);
            native_.f(new FloatPointer(f.pointer())).g(new FloatPointer(g.pointer()));
            if (plan != null) {
                native_.plan(new FloatPointer(plan.pointer()));
            }
            native_.cost(new DoublePointer(cost.pointer())).dual(new DoublePointer(dual.pointer()));
            native_.marginal_error(new DoublePointer(marginalError.pointer()));
            native_.iterations(new LongPointer(iterations.pointer()));
            native_.converged(new BytePointer(converged.pointer()));
        }

        Result toResult() {
            byte[] flags = converged.toBytes();
            boolean[] met = new boolean[flags.length];
            for (int problem = 0; problem < flags.length; problem++) {
                met[problem] = flags[problem] != 0;
            }
            return new Result(
                    f.toFloats(),
                    g.toFloats(),
                    plan == null ? null : plan.toFloats(),
                    cost.toDoubles(),
                    dual.toDoubles(),
                    marginalError.toDoubles(),
                    iterations.toLongs(),
                    met);
        }

        @Override
        public void close() {
            native_.close();
            f.close();
            g.close();
            if (plan != null) {
                plan.close();
            }
            cost.close();
            dual.close();
            marginalError.close();
            iterations.close();
            converged.close();
        }
    }
}
