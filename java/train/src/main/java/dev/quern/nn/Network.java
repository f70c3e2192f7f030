package dev.quern.nn;

import dev.quern.kernels.Device;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * An image classifier: a trunk that gives one feature vector per image, and a linear classifier on it.
 *
 * <p>Tensors returned live in the caller's {@code PointerScope}; the weights live until {@link #close()}. Not thread-safe.
 */
public interface Network extends AutoCloseable {
    /**
     * Penultimate features.
     *
     * @param images float [B,3,H,W], normalised, any memory format
     * @return float32 [B,{@link #featureSize()}], what the classifier sees
     */
    Tensor features(Tensor images);

    /**
     * Class scores of features.
     *
     * @param features float32 [B,{@link #featureSize()}]
     * @return logits float32 [B,{@link #classes()}]
     */
    Tensor classify(Tensor features);

    /** Logits float32 [B,{@link #classes()}] of images float [B,3,H,W]. */
    default Tensor forward(Tensor images) {
        return classify(features(images));
    }

    /** Length of a feature vector. */
    int featureSize();

    /** Number of classes. */
    int classes();

    /** Whether the next forward passes learn or evaluate. */
    void mode(Mode mode);

    /**
     * Decides the random numbers of the training passes that follow, in networks that draw any.
     *
     * @param step counted over the whole run
     */
    default void randomness(long seed, long step) {}

    /** The memory behind the weights and buffers. */
    FlatParameters flat();

    /** Moves weights and buffers to a device, before training or inference begins there. */
    default void to(Device device) {
        flat().to(device);
    }

    /** The weights in the order of the state dict. */
    default List<Parameter> parameters() {
        return flat().parameters();
    }

    /** The weights of {@link #classify}, which depend on the number of classes. */
    List<Parameter> classifier();

    /** The buffers by state-dict name. */
    default Map<String, Tensor> buffers() {
        return flat().buffers();
    }

    @Override
    default void close() {
        flat().close();
    }
}
