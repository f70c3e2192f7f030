package dev.quern.adaptive.ada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.adaptive.ada.AdvantageActorCritic.Losses;
import dev.quern.adaptive.ada.AdvantageActorCritic.Transitions;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.Parameter;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.ActorCritic;
import dev.quern.nn.adaptive.ActorCritic.BetaParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against {@code make_actor_critic.py}: the same updates in float64 by plain PyTorch. */
class AdvantageActorCriticTest {
    private static final int BATCH = 12;
    private static final int STATE = 20;
    private static final int EPOCHS = 5;

    @ParameterizedTest
    @EnumSource(ActorCritic.Size.class)
    void threeUpdatesOfThreeEpochsAreThoseOfTheReference(ActorCritic.Size size) throws IOException {
        JsonNode golden = golden().get(size.name().toLowerCase(Locale.ROOT));
        ActorCritic networks = new ActorCritic(STATE, size, 0);
        try (AdvantageActorCritic agent = new AdvantageActorCritic(networks, EPOCHS);
                PointerScope scope = new PointerScope()) {
            fill(networks.actor(), 0.1);
            fill(networks.critic(), 0.2);
            for (int epoch = 0; epoch < 3; epoch++) {
                JsonNode expected = golden.get(epoch);
                Tensor states =
                        wave(BATCH * STATE, 3.0 * epoch, 1).view(BATCH, STATE).abs();
                Tensor next = wave(BATCH * STATE, 3.0 * epoch + 1, 1)
                        .view(BATCH, STATE)
                        .abs();
                Tensor actions = wave(BATCH, epoch + 0.5, 0.45).add(new Scalar(0.5));
                Tensor rewards = rewards(epoch);
                BetaParameters policy = networks.policy(states);
                assertClose(rewards, expected.get("reward"), "reward");
                assertClose(policy.alpha(), expected.get("alpha"), "alpha");
                assertClose(policy.beta(), expected.get("beta"), "beta");
                assertClose(
                        BetaDistribution.logDensity(policy.alpha(), policy.beta(), actions),
                        expected.get("log_pi"),
                        "log_pi");
                Losses losses = agent.update(new Transitions(states, actions, rewards, next), epoch);
                assertThat(losses.actor()).isCloseTo(expected.get("actor_loss").asDouble(), within(1e-4));
                assertThat(losses.critic())
                        .isCloseTo(expected.get("critic_loss").asDouble(), within(1e-5));
                assertWeights(networks.actor(), "actor", expected.get("weights"));
                assertWeights(networks.critic(), "critic", expected.get("weights"));
            }
            assertThat(agent.updates()).isEqualTo(3);
        }
    }

    @Test
    void theLearningRateFallsLinearlyAfterEveryEpoch() {
        assertThat(AdvantageActorCritic.learningRate(0, 300)).isEqualTo(3e-4);
        assertThat(AdvantageActorCritic.learningRate(1, 300)).isEqualTo(3e-4);
        assertThat(AdvantageActorCritic.learningRate(151, 300)).isCloseTo(3e-4 * (1 - 0.99 * 150 / 299), within(1e-18));
        assertThat(AdvantageActorCritic.learningRate(300, 300)).isCloseTo(3e-6, within(1e-18));
        assertThat(AdvantageActorCritic.learningRate(0, 1)).isEqualTo(3e-4);
    }

    @Test
    void actionsDependOnStateSeedEpochAndSampleAlone() {
        ActorCritic networks = new ActorCritic(STATE, ActorCritic.Size.RELEASED, 4);
        try (AdvantageActorCritic agent = new AdvantageActorCritic(networks, EPOCHS);
                PointerScope scope = new PointerScope()) {
            Tensor states = wave(BATCH * STATE, 0, 1).view(BATCH, STATE);
            int[] samples = {5, 1, 2, 3, 4, 0, 6, 7, 8, 9, 10, 11};
            float[] actions = agent.act(states, 1, 2, samples);
            assertThat(actions).containsExactly(agent.act(states, 1, 2, samples));
            assertThat(agent.act(states, 2, 2, samples)).isNotEqualTo(actions);
            assertThat(agent.act(states, 1, 3, samples)).isNotEqualTo(actions);
            float[] alone = agent.act(states.narrow(0, 3, 1), 1, 2, new int[] {3});
            assertThat(alone[0]).isCloseTo(actions[3], within(1e-6f));
        }
    }

    /** r = λ(L_full − L_ada) + (1 − λ)(L_ada − L_none). */
    private static Tensor rewards(int epoch) {
        double lambda = 1 - (epoch + 1.0) / EPOCHS;
        Tensor adaptive = wave(BATCH, 5.0 * epoch, 2).abs();
        Tensor plain = wave(BATCH, 5.0 * epoch + 1, 2).abs();
        Tensor full = wave(BATCH, 5.0 * epoch + 2, 2).abs();
        return full.sub(adaptive).mul(new Scalar(lambda)).add(adaptive.sub(plain), new Scalar(1 - lambda));
    }

    private static void fill(FlatParameters parameters, double phase) {
        for (int i = 0; i < parameters.parameters().size(); i++) {
            Parameter parameter = parameters.parameters().get(i);
            long in = parameters.parameters().get(i - i % 2).shape()[1];
            FloatBuffer values = TensorMemory.bytes(parameter.value()).asFloatBuffer();
            for (int at = 0; at < values.capacity(); at++) {
                values.put(at, (float) (3 / Math.sqrt(in) * Math.sin(0.7 * at + phase + i)));
            }
        }
    }

    private static Tensor wave(int count, double phase, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * Math.sin(0.7 * i + phase));
        }
        return TensorMemory.copyOf(values);
    }

    private static void assertWeights(FlatParameters parameters, String name, JsonNode expected) {
        for (int i = 0; i < parameters.parameters().size(); i++) {
            Tensor values = parameters.parameters().get(i).value();
            JsonNode golden = expected.get(name + "." + i);
            double count = values.numel();
            assertThat(values.sum().item_double())
                    .as("sum of %s.%d", name, i)
                    .isCloseTo(golden.get("sum").asDouble(), within(2e-6 * Math.sqrt(count) + 1e-7 * count));
            assertThat(values.square().sum().item_double())
                    .isCloseTo(golden.get("squares").asDouble(), within(1e-5 * (1 + Math.sqrt(count))));
            for (int at = 0; at < golden.get("first").size(); at++) {
                assertThat((double) TensorMemory.bytes(values).asFloatBuffer().get(at))
                        .isCloseTo(golden.get("first").get(at).asDouble(), within(2e-6));
            }
        }
    }

    private static void assertClose(Tensor found, JsonNode expected, String what) {
        FloatBuffer values = TensorMemory.bytes(found.contiguous()).asFloatBuffer();
        for (int i = 0; i < expected.size(); i++) {
            double value = expected.get(i).asDouble();
            assertThat((double) values.get(i))
                    .as("%s[%d]", what, i)
                    .isCloseTo(value, within(1e-5 * Math.max(1, Math.abs(value))));
        }
    }

    private static JsonNode golden() throws IOException {
        try (InputStream source = AdvantageActorCriticTest.class.getResourceAsStream("actor_critic.json")) {
            return new ObjectMapper().readTree(source);
        }
    }
}
