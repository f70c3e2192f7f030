package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class AutocastTest {

    @Test
    void productsRunInBfloat16InsideTheGuardOnly() {
        try (PointerScope scope = new PointerScope()) {
            Tensor a = torch.randn(4, 4);
            try (Autocast autocast = Autocast.to(Precision.BF16)) {
                assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                try (Autocast inner = Autocast.to(Precision.FP32)) {
                    assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.Float);
                }
                assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            }
            assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.Float);
            assertThat(torch.is_autocast_enabled(DeviceType.CPU)).isFalse();
        }
    }

    @Test
    void anInnerGuardLeavesTheTypeOfTheOuterOne() {
        try (PointerScope scope = new PointerScope();
                Autocast autocast = Autocast.to(Precision.FP16)) {
            Tensor a = torch.randn(4, 4);
            assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.Half);
            try (Autocast inner = Autocast.to(Precision.BF16)) {
                assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            }
            assertThat(torch.mm(a, a).scalar_type().intern()).isEqualTo(ScalarType.Half);
        }
    }

    @Test
    void aGuardSeesWeightsThatChangedSinceTheLastOne() {
        try (PointerScope scope = new PointerScope()) {
            Tensor input = torch.ones(1, 1);
            Tensor weight = torch.ones(1, 1).set_requires_grad(true);
            assertThat(product(input, weight)).isEqualTo(1);
            try (NoGradGuard guard = new NoGradGuard()) {
                weight.add_(new Scalar(2));
            }
            assertThat(product(input, weight)).isEqualTo(3);
        }
    }

    private static double product(Tensor input, Tensor weight) {
        try (Autocast autocast = Autocast.to(Precision.BF16)) {
            return torch.mm(input, weight).item_double();
        }
    }
}
