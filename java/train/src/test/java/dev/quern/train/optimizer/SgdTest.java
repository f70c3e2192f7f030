package dev.quern.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.Initialization;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.model.Model;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class SgdTest {

    @Test
    void stepsAreThoseOfNesterovMomentumWithWeightDecay() {
        try (Network network = Model.RESNET20.create(10);
                Sgd optimizer = new Sgd(network.flat(), 5e-4)) {
            Initialization.apply(network, 1);
            FloatBuffer weights = TensorMemory.bytes(network.flat().values()).asFloatBuffer();
            FloatBuffer gradients =
                    TensorMemory.bytes(network.flat().gradients()).asFloatBuffer();
            int at = 1234;
            double weight = weights.get(at);
            double velocity = 0;
            for (int step = 0; step < 5; step++) {
                double gradient = 0.3 - 0.2 * step;
                gradients.put(at, (float) gradient);
                optimizer.step(0.05, 0.9);
                double direction = gradient + 5e-4 * weight;
                velocity = 0.9 * velocity + direction;
                weight -= 0.05 * (direction + 0.9 * velocity);
                assertThat((double) weights.get(at)).isCloseTo(weight, within(1e-6));
            }
            assertThat((double) TensorMemory.bytes(optimizer.momentum())
                            .asFloatBuffer()
                            .get(at))
                    .isCloseTo(velocity, within(1e-6));
        }
    }

    @Test
    void theTrunkLearnsAtAShareOfTheRate() {
        try (Network network = Model.RESNET20.create(10);
                Sgd optimizer = new Sgd(network.flat(), 0, 1000, 0.1);
                Sgd frozen = new Sgd(network.flat(), 0, 1000, 0)) {
            FloatBuffer weights = TensorMemory.bytes(network.flat().values()).asFloatBuffer();
            FloatBuffer gradients =
                    TensorMemory.bytes(network.flat().gradients()).asFloatBuffer();
            gradients.put(999, 1).put(1000, 1);
            optimizer.step(0.5, 0);
            assertThat(weights.get(999)).isCloseTo(-0.05f, within(1e-7f));
            assertThat(weights.get(1000)).isEqualTo(-0.5f);
            gradients.put(999, 1).put(1000, 1);
            frozen.step(0.5, 0);
            assertThat(weights.get(999)).isCloseTo(-0.05f, within(1e-7f));
            assertThat(weights.get(1000)).isEqualTo(-1);
        }
    }

    @Test
    void aGradientAboveTheBoundIsScaledToItAndOneBelowIsLeftAlone() {
        try (Network network = Model.RESNET20.create(10)) {
            FloatBuffer gradients =
                    TensorMemory.bytes(network.flat().gradients()).asFloatBuffer();
            gradients.put(0, 3).put(100_000, 4);
            assertThat(GradientClip.apply(network.flat(), 10)).isCloseTo(5, within(1e-6));
            assertThat(gradients.get(0)).isEqualTo(3);
            assertThat(GradientClip.apply(network.flat(), 1)).isCloseTo(5, within(1e-6));
            assertThat(gradients.get(0)).isCloseTo(0.6f, within(1e-6f));
            assertThat(gradients.get(100_000)).isCloseTo(0.8f, within(1e-6f));
        }
    }

    @Test
    void theWeightAverageFollowsWithAGrowingMemoryAndSwapsBack() {
        try (Network network = Model.RESNET20.create(10)) {
            FloatBuffer weights = TensorMemory.bytes(network.flat().values()).asFloatBuffer();
            try (WeightAverage average = new WeightAverage(network.flat(), 0.99)) {
                double expected = 0;
                for (int step = 0; step < 4; step++) {
                    weights.put(7, step + 1);
                    average.update(step);
                    double decay = Math.min(0.99, (1.0 + step) / (10 + step));
                    expected = decay * expected + (1 - decay) * (step + 1);
                }
                average.swap();
                assertThat((double) weights.get(7)).isCloseTo(expected, within(1e-5));
                average.swap();
                assertThat(weights.get(7)).isEqualTo(4);
            }
        }
    }
}
