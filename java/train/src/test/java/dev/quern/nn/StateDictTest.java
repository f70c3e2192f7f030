package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.nn.model.Model;
import dev.quern.nn.model.SwinTransformer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StateDictTest {
    private final Network source = network(1);
    private final Network target = network(2);

    @TempDir
    private Path folder;

    private static Network network(long seed) {
        Network network = Model.RESNET20.create(10);
        Initialization.apply(network, seed);
        return network;
    }

    @AfterEach
    void close() {
        source.close();
        target.close();
    }

    @Test
    void savedWeightsComeBackBitForBit() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        StateDict.save(source, file, Map.of());
        StateDict.load(target, file, StateDict.Part.WHOLE);
        StateDict.of(source)
                .forEach((name, tensor) -> assertThat(
                                StateDict.of(target).get(name).bytes())
                        .as(name)
                        .isEqualTo(tensor.bytes()));
    }

    @Test
    void missingAndUnexpectedNamesAreNamedAndNothingIsChanged() {
        Map<String, Tensor> state = new HashMap<>(StateDict.of(source));
        state.put("head.weight", state.remove("fc.weight"));
        refuses(state, "file: not the weights of this network: missing [fc.weight], unexpected [head.weight]");
    }

    @Test
    void wrongShapesAndTypesAreNamedAndNothingIsChanged() {
        Map<String, Tensor> state = new HashMap<>(StateDict.of(source));
        state.put("fc.weight", Tensor.of(new float[100 * 64], 100, 64));
        refuses(state, "file: tensor 'fc.weight' is F32[100, 64], allowed: F32[10, 64]");
        state.put("fc.weight", Tensor.of(new long[640], 10, 64));
        refuses(state, "file: tensor 'fc.weight' is I64[10, 64], allowed: F32[10, 64]");
    }

    private void refuses(Map<String, Tensor> state, String message) {
        ByteBuffer before = ByteBuffer.allocate(432 * 4)
                .put(StateDict.of(target).get("conv1.weight").bytes())
                .flip();
        assertThatThrownBy(() -> StateDict.load(target, state, "file"))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
        assertThat(StateDict.of(target).get("conv1.weight").bytes()).isEqualTo(before);
    }

    @Test
    void halfPrecisionWeightsAreWidened() throws IOException {
        Map<String, Tensor> state = new HashMap<>(StateDict.of(source));
        ByteBuffer ones = ByteBuffer.allocate(20);
        for (int i = 0; i < 10; i++) {
            ones.put((byte) 0x80).put((byte) 0x3F);
        }
        state.put("fc.bias", new Tensor(TensorType.BF16, new long[] {10}, ones.flip()));
        StateDict.load(target, state, "file");
        assertThat(StateDict.of(target).get("fc.bias").toFloats()).containsOnly(1f);
    }

    @Test
    void theTrunkOfAPretrainedNetworkIsTakenForOtherClasses() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        StateDict.save(source, file, Map.of());
        try (Network wider = Model.RESNET20.create(25)) {
            Initialization.apply(wider, 2);
            float[] classifier = StateDict.of(wider).get("fc.weight").toFloats();
            StateDict.load(wider, file, StateDict.Part.TRUNK);
            for (String name : new String[] {"conv1.weight", "layer3.2.bn2.running_var"}) {
                assertThat(StateDict.of(wider).get(name).toFloats())
                        .as(name)
                        .isEqualTo(StateDict.of(source).get(name).toFloats());
            }
            assertThat(StateDict.of(wider).get("fc.weight").toFloats()).isEqualTo(classifier);
            assertThatThrownBy(() -> StateDict.load(wider, file, StateDict.Part.WHOLE))
                    .hasMessage(file + ": tensor 'fc.weight' is F32[10, 64], allowed: F32[25, 64]");
        }
    }

    @Test
    void theClassifierDecidesWhichPartOfAFileFits() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        StateDict.save(source, file, Map.of());
        assertThat(StateDict.fitting(target, file)).isEqualTo(StateDict.Part.WHOLE);
        try (Network wider = Model.RESNET20.create(25);
                Network other = Model.VGG16_BN.create(10)) {
            assertThat(StateDict.fitting(wider, file)).isEqualTo(StateDict.Part.TRUNK);
            assertThat(StateDict.fitting(other, file)).isEqualTo(StateDict.Part.TRUNK);
        }
    }

    @Test
    void theTrunkOfAnotherNetworkIsRefused() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        StateDict.save(source, file, Map.of());
        try (Network other = Model.VGG16_BN.create(10)) {
            assertThatThrownBy(() -> StateDict.load(other, file, StateDict.Part.TRUNK))
                    .hasMessageContaining("missing [features.0.bias, features.0.weight, ")
                    .hasMessageContaining("unexpected [bn1.bias, ");
        }
    }

    @ParameterizedTest
    @EnumSource(Model.class)
    void theClassifierIsWhatHasARowForEachClass(Model model) {
        List<Parameter> classifier = model.declare(17).classifier();
        assertThat(classifier).extracting(parameter -> parameter.shape()[0]).containsExactly(17L, 17L);
        assertThat(classifier.get(0).shape()[1]).isEqualTo(model.featureSize());
    }

    @Test
    void aConstantThatDiffersIsRefused() {
        try (Network network = SwinTransformer.of(12, new int[] {1, 1}, new int[] {2, 2}, 3)) {
            network.flat().allocate();
            Map<String, Tensor> state = new HashMap<>(StateDict.of(network));
            String name = "features.1.0.attn.relative_position_index";
            long[] index = new long[49 * 49];
            index[7] = 1_000_000;
            state.put(name, Tensor.of(index, index.length));
            assertThatThrownBy(() -> StateDict.load(network, state, "file"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("file: tensor '" + name + "' differs from the constant of this network");
        }
    }
}
