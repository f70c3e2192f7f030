package dev.quern.train.optimizer;

import dev.quern.nn.FlatParameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;

/** Scales all gradients so that their joint Euclidean norm does not exceed a bound (Pascanu et al. 2013). */
public final class GradientClip {
    private static final double GUARD = 1e-6;

    private GradientClip() {}

    /**
     * @param maximum largest norm, &gt; 0
     * @return the norm before
     */
    public static double apply(FlatParameters parameters, double maximum) {
        try (PointerScope scope = new PointerScope()) {
            double norm = parameters.gradients().norm().item_double();
            double scale = maximum / (norm + GUARD);
            if (scale < 1) {
                parameters.gradients().mul_(new Scalar(scale));
            }
            return norm;
        }
    }
}
