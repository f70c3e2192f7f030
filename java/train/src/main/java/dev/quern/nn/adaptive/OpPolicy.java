package dev.quern.nn.adaptive;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.Initialization;
import dev.quern.nn.Layer;
import dev.quern.nn.Linear;
import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A linear policy over augmentation ops (MADAug, Hou et al. 2023): from the features of an image a magnitude and a weight of every op. */
public final class OpPolicy implements AutoCloseable {
    /** Nothing here depends on it. */
    private static final Pass PASS = new Pass(Mode.TRAIN, 0, 0);

    private final int ops;
    private final FlatParameters parameters = new FlatParameters();
    private final Layer layer;

    /**
     * What is to be done with B images.
     *
     * @param magnitudes float32 [B,ops] in (0, 1)
     * @param weights float32 [B,ops] above 0, each row's sum 1
     */
    public record Preferences(Tensor magnitudes, Tensor weights) {}

    /**
     * Weights as {@link Initialization} draws them.
     *
     * @param featureSize length of a feature vector, ≥ 1
     * @param ops number of ops, ≥ 1
     */
    public OpPolicy(int featureSize, int ops, long seed) {
        this.ops = ops;
        layer = new Linear(parameters, "policy", featureSize, 2L * ops);
        parameters.allocate();
        Initialization.apply(parameters, seed);
    }

    /**
     * The policy for features float32 [B,featureSize].
     *
     * @param temperature &gt; 0: the higher, the more alike are the weights
     */
    public Preferences of(Tensor features, double temperature) {
        Tensor outputs = layer.forward(features, PASS);
        Tensor scores = outputs.narrow(1, ops, ops).div(new Scalar(temperature));
        return new Preferences(outputs.narrow(1, 0, ops).sigmoid(), scores.softmax(1));
    }

    /** Its weights. */
    public FlatParameters flat() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }
}
