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

    /**
     * Where the results of a batch go, without a copy; a part that is null is not computed.
     *
     * @param f FLOAT32 [B,N]
     * @param g FLOAT32 [B,M]
     * @param plan FLOAT32 [B,N,M]; not for point clouds
     * @param cost FLOAT64 [B]
     * @param dual FLOAT64 [B]
     * @param marginalError FLOAT64 [B]
     * @param iterations INT64 [B]
     * @param converged UINT8 [B]
     */
    public record Outputs(
            NativeBuffer f,
            NativeBuffer g,
            NativeBuffer plan,
            NativeBuffer cost,
            NativeBuffer dual,
            NativeBuffer marginalError,
            NativeBuffer iterations,
            NativeBuffer converged) {

        /** Potentials and nothing else. */
        public static Outputs ofPotentials(NativeBuffer f, NativeBuffer g) {
            return new Outputs(f, g, null, null, null, null, null, null);
        }

        /** Plans and nothing else. */
        public static Outputs ofPlan(NativeBuffer plan) {
            return new Outputs(null, null, plan, null, null, null, null, null);
        }
    }

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
        requireCost(cost);
        try (Owned owned = new Owned(cost.dimension(0), cost.dimension(1), cost.dimension(2), plan)) {
            solve(engine, cost, a, b, owned.outputs);
            return owned.toResult();
        }
    }

    /** As {@link #solve(Engine, NativeBuffer, NativeBuffer, NativeBuffer, Plan)}, into {@code outputs}. */
    public void solve(Engine engine, NativeBuffer cost, NativeBuffer a, NativeBuffer b, Outputs outputs) {
        requireCost(cost);
        long batch = cost.dimension(0);
        long n = cost.dimension(1);
        long m = cost.dimension(2);
        try (quern_sinkhorn_params params = params(batch, n, m, a, b);
                quern_sinkhorn_result result = bind(outputs, batch, n, m)) {
            engine.run(context -> quern.quern_sinkhorn(context, params, new FloatPointer(cost.pointer()), result));
        }
    }

    /**
     * Solves one problem between labelled point clouds without storing its cost
     * C_ij = scale·‖x_i − y_j‖² + table[label(x_i), label(y_j)].
     */
    public Result solve(Engine engine, PointClouds clouds) {
        try (Owned owned = new Owned(1, clouds.x().dimension(0), clouds.y().dimension(0), Plan.OMIT)) {
            solve(engine, clouds, owned.outputs);
            return owned.toResult();
        }
    }

    /** As {@link #solve(Engine, PointClouds)}, into {@code outputs}, which take no plan. */
    public void solve(Engine engine, PointClouds clouds, Outputs outputs) {
        long n = clouds.x().dimension(0);
        long m = clouds.y().dimension(0);
        try (quern_sinkhorn_params params = params(1, n, m, null, null);
                quern_point_clouds native_ = clouds.toNative();
                quern_sinkhorn_result result = bind(outputs, 1, n, m)) {
            engine.run(context -> quern.quern_sinkhorn_points(context, params, native_, result));
        }
    }

    private static void requireCost(NativeBuffer cost) {
        cost.require(DType.FLOAT32);
        if (cost.rank() != 3) {
            throw new InvalidArgumentException("cost is " + cost + ", allowed: FLOAT32[B,N,M]");
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

    private static quern_sinkhorn_result bind(Outputs outputs, long batch, long n, long m) {
        quern_sinkhorn_result result = new quern_sinkhorn_result();
        Pointer.memset(result, 0, result.sizeof());
        if (outputs.f() != null) {
            Rows.requireShape("f", outputs.f(), DType.FLOAT32, batch, n);
            result.f(new FloatPointer(outputs.f().pointer()));
        }
        if (outputs.g() != null) {
            Rows.requireShape("g", outputs.g(), DType.FLOAT32, batch, m);
            result.g(new FloatPointer(outputs.g().pointer()));
        }
        if (outputs.plan() != null) {
            Rows.requireShape("plan", outputs.plan(), DType.FLOAT32, batch, n, m);
            result.plan(new FloatPointer(outputs.plan().pointer()));
        }
        if (outputs.cost() != null) {
            Rows.requireVector("cost", outputs.cost(), DType.FLOAT64, batch);
            result.cost(new DoublePointer(outputs.cost().pointer()));
        }
        if (outputs.dual() != null) {
            Rows.requireVector("dual", outputs.dual(), DType.FLOAT64, batch);
            result.dual(new DoublePointer(outputs.dual().pointer()));
        }
        if (outputs.marginalError() != null) {
            Rows.requireVector("marginalError", outputs.marginalError(), DType.FLOAT64, batch);
            result.marginal_error(new DoublePointer(outputs.marginalError().pointer()));
        }
        if (outputs.iterations() != null) {
            Rows.requireVector("iterations", outputs.iterations(), DType.INT64, batch);
            result.iterations(new LongPointer(outputs.iterations().pointer()));
        }
        if (outputs.converged() != null) {
            Rows.requireVector("converged", outputs.converged(), DType.UINT8, batch);
            result.converged(new BytePointer(outputs.converged().pointer()));
        }
        return result;
    }

    /** Outputs of which the call is the owner, for results on the heap. */
    private static final class Owned implements AutoCloseable {
        final Outputs outputs;

        Owned(long batch, long n, long m, Plan plan) {
            outputs = new Outputs(
                    NativeBuffer.allocate(DType.FLOAT32, batch, n),
                    NativeBuffer.allocate(DType.FLOAT32, batch, m),
                    plan == Plan.RETURN ? NativeBuffer.allocate(DType.FLOAT32, batch, n, m) : null,
                    NativeBuffer.allocate(DType.FLOAT64, batch),
                    NativeBuffer.allocate(DType.FLOAT64, batch),
                    NativeBuffer.allocate(DType.FLOAT64, batch),
                    NativeBuffer.allocate(DType.INT64, batch),
                    NativeBuffer.allocate(DType.UINT8, batch));
        }

        Result toResult() {
            byte[] flags = outputs.converged().toBytes();
            boolean[] met = new boolean[flags.length];
            for (int problem = 0; problem < flags.length; problem++) {
                met[problem] = flags[problem] != 0;
            }
            return new Result(
                    outputs.f().toFloats(),
                    outputs.g().toFloats(),
                    outputs.plan() == null ? null : outputs.plan().toFloats(),
                    outputs.cost().toDoubles(),
                    outputs.dual().toDoubles(),
                    outputs.marginalError().toDoubles(),
                    outputs.iterations().toLongs(),
                    met);
        }

        @Override
        public void close() {
            outputs.f().close();
            outputs.g().close();
            if (outputs.plan() != null) {
                outputs.plan().close();
            }
            outputs.cost().close();
            outputs.dual().close();
            outputs.marginalError().close();
            outputs.iterations().close();
            outputs.converged().close();
        }
    }
}
