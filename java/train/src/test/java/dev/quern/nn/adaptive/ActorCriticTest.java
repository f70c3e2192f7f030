package dev.quern.nn.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.nn.adaptive.ActorCritic.BetaParameters;
import dev.quern.nn.adaptive.ActorCritic.Size;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ActorCriticTest {
    @ParameterizedTest
    @CsvSource({"512, 156355", "640, 189123", "2048, 549571"})
    void theReleasedSizeHasThePublishedParameters(int stateSize, long count) {
        assertThat(parameters(stateSize, Size.RELEASED)).isEqualTo(count);
    }

    /** The table's last actor layer has one output; a Beta distribution needs a second: 256 weights and a bias more. */
    @ParameterizedTest
    @CsvSource({"512, 788482", "640, 919554", "2048, 2361346"})
    void theSlidesSizeHasItsTablesParametersAndASecondOutput(int stateSize, long count) {
        assertThat(parameters(stateSize, Size.SLIDE)).isEqualTo(count + 257);
    }

    @ParameterizedTest
    @EnumSource(Size.class)
    void thePolicyStartsNearTheMiddleWithOneMaximum(Size size) {
        try (ActorCritic networks = new ActorCritic(64, size, 3);
                PointerScope scope = new PointerScope()) {
            Tensor states = torch.rand(200, 64);
            BetaParameters policy = networks.policy(states);
            assertThat(policy.alpha().min().item_double()).isGreaterThan(1);
            assertThat(policy.beta().min().item_double()).isGreaterThan(1);
            Tensor mean = policy.alpha().div(policy.alpha().add(policy.beta()));
            assertThat(mean.mean().item_double()).isBetween(0.4, 0.6);
            assertThat(policy.alpha().mean().item_double()).isBetween(1.5, 1.9);
            assertThat(networks.value(states).shape()).containsExactly(200);
        }
    }

    @Test
    void theSeedDecidesTheWeights() {
        try (ActorCritic one = new ActorCritic(8, Size.RELEASED, 1);
                ActorCritic same = new ActorCritic(8, Size.RELEASED, 1);
                ActorCritic other = new ActorCritic(8, Size.RELEASED, 2);
                PointerScope scope = new PointerScope()) {
            assertThat(one.actor().values().equal(same.actor().values())).isTrue();
            assertThat(one.critic().values().equal(same.critic().values())).isTrue();
            assertThat(one.actor().values().equal(other.actor().values())).isFalse();
        }
    }

    @Test
    void anEmptyStateIsRefused() {
        assertThatThrownBy(() -> new ActorCritic(0, Size.SLIDE, 1)).hasMessage("stateSize is 0, allowed: ≥ 1");
    }

    private static long parameters(int stateSize, Size size) {
        try (ActorCritic networks = new ActorCritic(stateSize, size, 0)) {
            return networks.actor().count() + networks.critic().count();
        }
    }
}
