package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        StateDict.load(target, file);
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
}
