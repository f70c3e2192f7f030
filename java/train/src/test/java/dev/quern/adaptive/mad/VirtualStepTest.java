package dev.quern.adaptive.mad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.ActorCritic;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The critic takes the step, the actor decides how much each state counts in it. */
class VirtualStepTest {
    private static final int STATES = 8;
    private static final int SIZE = 5;
    private static final double RATE = 0.1;

    @Test
    void theGradientIsThatOfFiniteDifferencesThroughTheStep() {
        try (ActorCritic networks = new ActorCritic(SIZE, ActorCritic.Size.RELEASED, 3);
                PointerScope scope = new PointerScope()) {
            Tensor gradient = VirtualStep.gradient(
                    networks.critic(), networks.actor(), inner(networks), RATE, () -> outer(networks));
            Tensor direction = gradient.div(gradient.norm());
            double step = 0.01;
            double up = outerAfterStep(networks, direction, step);
            double down = outerAfterStep(networks, direction, -step);
            double slope = (up - down) / (2 * step);
            assertThat(slope).isGreaterThan(1e-3).isCloseTo(gradient.norm().item_double(), within(0.01 * slope));
        }
    }

    @Test
    void weightsAndGradientsStayAsTheyWere() {
        try (ActorCritic networks = new ActorCritic(SIZE, ActorCritic.Size.RELEASED, 3);
                PointerScope scope = new PointerScope()) {
            networks.critic().gradients().fill_(new Scalar(2));
            Tensor before = networks.critic().values().clone();
            double loss = outer(networks).item_double();
            double[] seen = {0};
            VirtualStep.gradient(networks.critic(), networks.actor(), inner(networks), RATE, () -> {
                Tensor there = outer(networks);
                seen[0] = there.item_double();
                return there;
            });
            assertThat(seen[0]).isNotEqualTo(loss);
            assertThat(networks.critic().values().equal(before)).isTrue();
            assertThat(networks.critic().gradients().min().item_double()).isEqualTo(2);
            assertThat(networks.critic().gradients().max().item_double()).isEqualTo(2);
            assertThat(networks.actor().gradients().abs().max().item_double()).isZero();
        }
    }

    @Test
    void withoutAStepNothingDependsOnThePolicy() {
        try (ActorCritic networks = new ActorCritic(SIZE, ActorCritic.Size.RELEASED, 3);
                PointerScope scope = new PointerScope()) {
            Tensor gradient = VirtualStep.gradient(
                    networks.critic(), networks.actor(), inner(networks), 0, () -> outer(networks));
            assertThat(gradient.abs().max().item_double()).isZero();
        }
    }

    /** M(θ'), the step taken by hand. */
    private static double outerAfterStep(ActorCritic networks, Tensor direction, double distance) {
        FlatParameters actor = networks.actor();
        FlatParameters critic = networks.critic();
        Tensor policy = actor.values().clone();
        Tensor weights = critic.values().clone();
        actor.values().add_(direction, new Scalar(distance));
        critic.zeroGradients();
        inner(networks).backward();
        critic.values().sub_(critic.gradients(), new Scalar(RATE));
        double loss = outer(networks).item_double();
        actor.values().copy_(policy);
        critic.values().copy_(weights);
        return loss;
    }

    /** Squared errors of the values, weighted by α + β of the policy. */
    private static Tensor inner(ActorCritic networks) {
        ActorCritic.BetaParameters policy = networks.policy(states(0));
        Tensor errors = networks.value(states(0)).sub(wave(STATES, 2)).square();
        return errors.mul(policy.alpha().add(policy.beta())).mean();
    }

    private static Tensor outer(ActorCritic networks) {
        return torch.mse_loss(networks.value(states(1)), wave(STATES, 5));
    }

    private static Tensor states(double phase) {
        return wave(STATES * SIZE, phase).view(STATES, SIZE);
    }

    private static Tensor wave(int count, double phase) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (2 * Math.sin(0.9 * i + phase));
        }
        return TensorMemory.copyOf(values);
    }
}
