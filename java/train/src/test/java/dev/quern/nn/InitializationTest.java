package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.io.Tensor;
import dev.quern.nn.model.Model;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitializationTest {

    @Test
    void weightsDependOnSeedAndNameAlone() {
        try (Network first = Model.RESNET20.create(10);
                Network second = Model.RESNET20.create(10);
                Network wider = Model.RESNET20.create(100);
                Network other = Model.RESNET20.create(10)) {
            Initialization.apply(first, 5);
            Initialization.apply(second, 5);
            Initialization.apply(wider, 5);
            Initialization.apply(other, 6);
            float[] expected = weight(first, "layer2.1.conv2.weight");
            assertThat(weight(second, "layer2.1.conv2.weight")).isEqualTo(expected);
            assertThat(weight(wider, "layer2.1.conv2.weight")).isEqualTo(expected);
            assertThat(weight(other, "layer2.1.conv2.weight")).isNotEqualTo(expected);
            assertThat(weight(first, "layer2.1.conv1.weight")).isNotEqualTo(expected);
        }
    }

    @Test
    void convolutionsAreNormalWithTheDeviationOfTheirFanOut() {
        try (Network network = Model.RESNET20.create(10)) {
            Initialization.apply(network, 3);
            float[] values = weight(network, "layer3.1.conv1.weight");
            double sum = 0;
            double squares = 0;
            int beyondTwo = 0;
            double deviation = Math.sqrt(2.0 / (64 * 9));
            for (float value : values) {
                sum += value;
                squares += value * value;
                beyondTwo += Math.abs(value) > 2 * deviation ? 1 : 0;
            }
            assertThat(sum / values.length / deviation).isCloseTo(0, within(0.02));
            assertThat(Math.sqrt(squares / values.length) / deviation).isCloseTo(1, within(0.02));
            assertThat((double) beyondTwo / values.length).isCloseTo(0.0455, within(0.005));
        }
    }

    @Test
    void normsStartAsTheIdentityAndTheClassifierWithinItsBound() {
        try (Network network = Model.RESNET20.create(10)) {
            Initialization.apply(network, 3);
            assertThat(weight(network, "bn1.weight")).containsOnly(1f);
            assertThat(weight(network, "bn1.bias")).containsOnly(0f);
            assertThat(weight(network, "bn1.running_var")).containsOnly(1f);
            assertThat(weight(network, "bn1.running_mean")).containsOnly(0f);
            float[] classifier = weight(network, "fc.weight");
            for (float value : classifier) {
                assertThat(value).isBetween(-0.125f, 0.125f);
            }
            assertThat(classifier).hasSizeGreaterThan(1).doesNotHaveDuplicates();
        }
    }

    private static float[] weight(Network network, String name) {
        Map<String, Tensor> state = StateDict.of(network);
        return state.get(name).toFloats();
    }
}
