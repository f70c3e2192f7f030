package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_divergence_params;
import dev.quern.kernels.abi.quern_divergence_result;
import dev.quern.kernels.abi.quern_point_clouds;
import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Sinkhorn divergence of two point clouds with uniform weights (Feydy et al. 2019): ε is annealed from the squared diameter down to
 * {@code epsilon}; the debiased value is symmetric and vanishes for identical clouds.
 *
 * @param epsilon target regularisation in units of the cost, &gt; 0
 * @param scaling factor of the blur (√ε) from one step to the next, in (0, 1)
 * @param terms whether the self terms are subtracted
 */
public record SinkhornDivergence(double epsilon, double scaling, SelfTerms terms) {

    public enum SelfTerms {
        /** ⟨a, f − p⟩ + ⟨b, g − q⟩. */
        DEBIASED,
        /** ⟨a, f⟩ + ⟨b, g⟩. */
        BIASED
    }

    public SinkhornDivergence(double epsilon) {
        this(epsilon, 0.5, SelfTerms.DEBIASED);
    }

    /**
     * What a batch of B problems gave.
     *
     * @param value divergence per problem
     * @param f potentials of the points of x, less those of the self term where it is subtracted, packed one problem after the other
     * @param g potentials of the points of y
     * @param steps of the annealing, per problem
     */
    public record Result(double[] value, float[] f, float[] g, long[] steps) {}

    /** The divergence; the annealing starts from the diameter of the joint bounding box of the points. */
    public double between(Engine engine, PointClouds clouds) {
        return between(engine, clouds, Double.NaN);
    }

    /** The divergence with a given {@code diameter} &gt; 0 (NaN: of the joint bounding box of the points). */
    public double between(Engine engine, PointClouds clouds, double diameter) {
        return solve(engine, clouds, diameter).value()[0];
    }

    /** The divergence with its potentials. */
    public Result solve(Engine engine, PointClouds clouds, double diameter) {
        return solve(
                engine,
                clouds,
                new long[] {clouds.x().dimension(0)},
                new long[] {clouds.y().dimension(0)},
                diameter);
    }

    /**
     * The divergences of a ragged batch: problem p is between the next {@code ns[p]} points of x and the next {@code ms[p]} of y.
     *
     * @param diameter of every problem, &gt; 0; NaN: of the joint bounding box of its points
     */
    public Result solve(Engine engine, PointClouds clouds, long[] ns, long[] ms, double diameter) {
        requireSizes("ns", ns, clouds.x().dimension(0));
        requireSizes("ms", ms, clouds.y().dimension(0));
        if (ns.length != ms.length) {
            throw new InvalidArgumentException("ms has " + ms.length + " problems, ns " + ns.length);
        }
        double[] diameters = new double[ns.length];
        Arrays.fill(diameters, diameter);
        try (quern_divergence_params params = new quern_divergence_params();
                quern_point_clouds native_ = clouds.toNative();
                quern_divergence_result result = new quern_divergence_result();
                LongPointer rows = new LongPointer(ns);
                LongPointer columns = new LongPointer(ms);
                DoublePointer given = new DoublePointer(diameters);
                Owned owned = new Owned(clouds.x().dimension(0), clouds.y().dimension(0), ns.length)) {
            Pointer.memset(params, 0, params.sizeof());
            params.batch(ns.length).ns(rows).ms(columns);
            params.epsilon(epsilon).scaling(scaling).biased(terms == SelfTerms.BIASED ? 1 : 0);
            if (!Double.isNaN(diameter)) {
                params.diameters(given);
            }
            owned.bind(result);
            engine.run(context -> quern.quern_sinkhorn_divergence(context, params, native_, result));
            return owned.toResult();
        }
    }

    private static void requireSizes(String name, long[] sizes, long points) {
        long sum = 0;
        for (long size : sizes) {
            sum = Math.addExact(sum, size);
        }
        if (sum != points) {
            throw new InvalidArgumentException(
                    name + " sums to " + sum + ", allowed: " + points + ", the points there are");
        }
    }

    private record Owned(NativeBuffer value, NativeBuffer f, NativeBuffer g, NativeBuffer steps)
            implements AutoCloseable {
        Owned(long n, long m, long batch) {
            this(
                    NativeBuffer.allocate(DType.FLOAT64, batch),
                    NativeBuffer.allocate(DType.FLOAT32, n),
                    NativeBuffer.allocate(DType.FLOAT32, m),
                    NativeBuffer.allocate(DType.INT64, batch));
        }

        void bind(quern_divergence_result result) {
            Pointer.memset(result, 0, result.sizeof());
            result.value(new DoublePointer(value.pointer()));
            result.f(new FloatPointer(f.pointer())).g(new FloatPointer(g.pointer()));
            result.iterations(new LongPointer(steps.pointer()));
        }

        Result toResult() {
            return new Result(value.toDoubles(), f.toFloats(), g.toFloats(), steps.toLongs());
        }

        @Override
        public void close() {
            value.close();
            f.close();
            g.close();
            steps.close();
        }
    }
}
