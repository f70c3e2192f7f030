package dev.quern.nn;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** A smooth network without norms, whose losses can be compared with finite differences in float32. */
public final class TinyNetwork {
    private static final int FEATURES = 6;

    private TinyNetwork() {}

    /** @param side of the images in pixels */
    public static Network of(int side, int classes, long seed) {
        FlatParameters parameters = new FlatParameters();
        Linear pixels = new Linear(parameters, "pixels", 3L * side * side, FEATURES);
        Layer trunk = (x, pass) ->
                pixels.forward(x.to(ScalarType.Float).flatten(1, -1), pass).tanh();
        Linear head = new Linear(parameters, "head", FEATURES, classes);
        parameters.allocate();
        Initialization.apply(parameters, seed);
        return new ImageClassifier(parameters, trunk, head, FEATURES, classes);
    }
}
