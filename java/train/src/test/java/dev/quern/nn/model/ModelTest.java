package dev.quern.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.SafetensorsFile;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.SharedData;
import dev.quern.nn.StateDict;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelTest {

    @ParameterizedTest
    @CsvSource({
        "RESNET20, 10, 269722",
        "RESNET20, 100, 275572",
        "RESNET18, 10, 11173962",
        "RESNET18, 100, 11220132",
        "RESNET18, 200, 11271432",
        "RESNET50, 10, 23520842",
        "RESNET50, 100, 23705252",
        "RESNET50, 200, 23910152",
        "RESNET10_IMAGENET, 1000, 5418792",
        "RESNET18_IMAGENET, 1000, 11689512",
        "RESNET18_IMAGENET, 200, 11279112",
        "RESNET50_IMAGENET, 1000, 25557032",
        "RESNET152_IMAGENET, 1000, 60192808",
        "RESNET50_IMAGENET, 200, 23917832",
        "WRN_28_10, 10, 36479194",
        "WRN_28_10, 100, 36536884",
        "WRN_28_10_AUTHOR, 10, 36489290",
        "WRN_28_10_AUTHOR, 100, 36546980",
        "SHAKE_SHAKE_26_2X32D, 10, 2923146",
        "SHAKE_SHAKE_26_2X32D, 100, 2934756",
        "SHAKE_SHAKE_26_2X96D, 10, 26192906",
        "SHAKE_SHAKE_26_2X96D, 100, 26227556",
        "SHAKE_SHAKE_26_2X112D, 10, 35640426",
        "SHAKE_SHAKE_26_2X112D, 100, 35680836",
        "VGG16_BN, 100, 14774436",
        "VGG16_BN, 200, 14825736",
        "VGG16_IMAGENET, 1000, 138357544",
        "VGG16_BN_IMAGENET, 1000, 138365992",
        "DENSENET121, 100, 7048548",
        "DENSENET121, 200, 7151048",
        "DENSENET121_IMAGENET, 1000, 7978856",
        "VIT_B_16, 1000, 86567656",
        "VIT_B_32, 1000, 88224232",
        "VIT_L_16, 1000, 304326632",
        "SWIN_T, 1000, 28288354"
    })
    void parameterCountsAreThePublishedOnes(Model model, int classes, long count) {
        assertThat(model.parameterCount(classes)).isEqualTo(count);
    }

    @Test
    void namesOfResNet20AreThoseOfThePyTorchStateDict() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(SharedData.path("golden/resnet20/init.safetensors"));
                Network network = Model.RESNET20.create(10)) {
            assertThat(StateDict.of(network).keySet()).isEqualTo(file.names());
        }
    }

    @Test
    void namesOfResNet18AreThoseOfThePyTorchStateDict() {
        Set<String> expected = new TreeSet<>();
        expected.add("conv1.weight");
        addNorm(expected, "bn1");
        for (int layer = 1; layer <= 4; layer++) {
            for (int block = 0; block < 2; block++) {
                String name = "layer" + layer + "." + block + ".";
                expected.add(name + "conv1.weight");
                expected.add(name + "conv2.weight");
                addNorm(expected, name + "bn1");
                addNorm(expected, name + "bn2");
                if (layer > 1 && block == 0) {
                    expected.add(name + "downsample.0.weight");
                    addNorm(expected, name + "downsample.1");
                }
            }
        }
        expected.add("fc.weight");
        expected.add("fc.bias");
        try (Network network = Model.RESNET18.create(10)) {
            assertThat(new TreeSet<>(StateDict.of(network).keySet())).isEqualTo(expected);
        }
    }

    private static void addNorm(Set<String> names, String norm) {
        for (String part : new String[] {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}) {
            names.add(norm + "." + part);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Model.class,
            names = {"RESNET20", "RESNET18"})
    void featuresAndLogitsHaveTheDeclaredShapes(Model model) {
        try (PointerScope scope = new PointerScope();
                Network network = model.create(7)) {
            Initialization.apply(network, 1);
            Tensor features = network.features(torch.randn(3, 3, 32, 32));
            assertThat(features.shape()).containsExactly(3, model.featureSize());
            assertThat(network.classify(features).shape()).containsExactly(3, 7);
        }
    }

    @Test
    void batchNormCountsTrainingBatchesOnly() {
        try (PointerScope scope = new PointerScope();
                Network network = Model.RESNET20.create(2)) {
            Initialization.apply(network, 1);
            Tensor images = torch.randn(2, 3, 32, 32);
            network.mode(Mode.TRAIN);
            network.forward(images);
            network.forward(images);
            network.mode(Mode.EVALUATE);
            network.forward(images);
            assertThat(network.buffers().get("layer3.2.bn2.num_batches_tracked").item_long())
                    .isEqualTo(2);
        }
    }

    @Test
    void anUnknownModelOrTooFewClassesAreRefusedByName() {
        assertThatThrownBy(() -> Model.of("resnet19"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("model is 'resnet19', allowed: resnet20, resnet18, ")
                .hasMessageEndingWith(", swin-t");
        assertThatThrownBy(() -> Model.RESNET20.create(1)).hasMessage("classes is 1, allowed: ≥ 2");
    }
}
