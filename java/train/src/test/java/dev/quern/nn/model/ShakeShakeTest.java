package dev.quern.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import java.util.HashSet;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class ShakeShakeTest {
    private static final int SAMPLES = 64;

    /** With a = 1 and b = 0 the value of a sample is its α, the gradients of a and b are β and 1 − β. */
    @Test
    void valuesAreMixedByAlphaAndGradientsByAnIndependentBetaPerSample() {
        try (PointerScope scope = new PointerScope()) {
            Tensor a = torch.ones(SAMPLES, 2, 3, 3).set_requires_grad(true);
            Tensor b = torch.zeros(SAMPLES, 2, 3, 3).set_requires_grad(true);
            Tensor mixed = ShakeShakeNetwork.mix(a, b, new Pass(Mode.TRAIN, 5, 9), 0);
            mixed.sum().backward();
            Set<Float> seen = new HashSet<>();
            double product = 0;
            for (int sample = 0; sample < SAMPLES; sample++) {
                float alpha = only(mixed, sample);
                float beta = only(a.grad(), sample);
                assertThat(only(b.grad(), sample)).isCloseTo(1 - beta, within(1e-6f));
                assertThat(alpha).isBetween(0f, 1f);
                assertThat(beta).isBetween(0f, 1f);
                seen.add(alpha);
                seen.add(beta);
                product += (alpha - 0.5) * (beta - 0.5);
            }
            assertThat(seen).hasSize(2 * SAMPLES);
            // Six standard errors of the product of two independent uniforms.
            assertThat(product / SAMPLES).isCloseTo(0, within(6.0 / 12 / Math.sqrt(SAMPLES)));
        }
    }

    @Test
    void evaluationTakesTheMean() {
        try (PointerScope scope = new PointerScope()) {
            Tensor mixed = ShakeShakeNetwork.mix(
                    torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1), new Pass(Mode.EVALUATE, 5, 9), 0);
            assertThat(only(mixed, 0)).isEqualTo(0.5f);
            assertThat(only(mixed, 1)).isEqualTo(0.5f);
        }
    }

    private static float only(Tensor tensor, int sample) {
        Tensor values = tensor.select(0, sample);
        assertThat(values.max().item_float()).isEqualTo(values.min().item_float());
        return values.max().item_float();
    }
}
