package dev.quern.adaptive;

import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.nn.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Float32 tensors that a checkpoint keeps under names, such as the weights and moving means of something that learns beside the network.
 *
 * @param tensors contiguous, one for each name
 */
public record TensorState(List<String> names, List<org.bytedeco.pytorch.Tensor> tensors) {
    /** Adds views of the tensors. */
    public void save(Map<String, Tensor> state) {
        for (int i = 0; i < names.size(); i++) {
            ByteBuffer bytes = TensorMemory.bytes(tensors.get(i));
            state.put(names.get(i), new Tensor(TensorType.F32, tensors.get(i).shape(), bytes));
        }
    }

    /** @throws IOException naming a tensor that is missing or has the wrong size; nothing has changed then */
    public void restore(Map<String, Tensor> state) throws IOException {
        for (int i = 0; i < names.size(); i++) {
            Magnitudes.require(
                    state, names.get(i), TensorType.F32, tensors.get(i).numel());
        }
        for (int i = 0; i < names.size(); i++) {
            TensorMemory.fill(tensors.get(i), state.get(names.get(i)).bytes());
        }
    }
}
