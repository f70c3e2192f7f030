package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_divergence_params;
import dev.quern.kernels.abi.quern_divergence_result;
import dev.quern.kernels.abi.quern_point_clouds;
import org.bytedeco.javacpp.DoublePointer;
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

    /** The divergence; the annealing starts from the diameter of the joint bounding box of the points. */
    public double between(Engine engine, PointClouds clouds) {
        return between(engine, clouds, Double.NaN);
    }

    /** The divergence with a given {@code diameter} &gt; 0 (NaN: of the joint bounding box of the points). */
    public double between(Engine engine, PointClouds clouds, double diameter) {
        try (quern_divergence_params params = new quern_divergence_params();
                quern_point_clouds native_ = clouds.toNative();
                quern_divergence_result result = new quern_divergence_result();
                NativeBuffer value = NativeBuffer.allocate(DType.FLOAT64, 1);
                NativeBuffer given = NativeBuffer.copyOf(new double[] {diameter}, 1)) {
            Pointer.memset(params, 0, params.sizeof());
            Pointer.memset(result, 0, result.sizeof());
            params.batch(1).n(clouds.x().dimension(0)).m(clouds.y().dimension(0));
            params.epsilon(epsilon).scaling(scaling).biased(terms == SelfTerms.BIASED ? 1 : 0);
            if (!Double.isNaN(diameter)) {
                params.diameters(new DoublePointer(given.pointer()));
            }
            result.value(new DoublePointer(value.pointer()));
            engine.run(context -> quern.quern_sinkhorn_divergence(context, params, native_, result));
            return value.toDoubles()[0];
        }
    }
}
