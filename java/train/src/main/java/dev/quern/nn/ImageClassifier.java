package dev.quern.nn;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A trunk of layers that ends in one feature vector per image, and a head that scores it. */
public final class ImageClassifier implements Network {
    private final FlatParameters parameters;
    private final Layer trunk;
    private final Layer head;
    private final int featureSize;
    private final int classes;
    private Pass pass = new Pass(Mode.TRAIN, 0, 0);

    /** @param head ends in the linear layer that was declared last */
    public ImageClassifier(FlatParameters parameters, Layer trunk, Layer head, int featureSize, int classes) {
        this.parameters = parameters;
        this.trunk = trunk;
        this.head = head;
        this.featureSize = featureSize;
        this.classes = classes;
    }

    @Override
    public Tensor features(Tensor images) {
        if (pass.mode() == Mode.TRAIN) {
            parameters.countBatch();
        }
        return features(images, pass);
    }

    /** As {@link #features(Tensor)}, by a pass of the caller's. */
    public Tensor features(Tensor images, Pass pass) {
        return trunk.forward(images, pass).to(ScalarType.Float);
    }

    @Override
    public Tensor classify(Tensor features) {
        return head.forward(features, pass);
    }

    /** Shows the work for images of that side, by a pass of no images at all. */
    public void show(int side, Work work) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Pass pass = new Pass(Mode.EVALUATE, 0, 0, work);
            head.forward(features(torch.zeros(0, 3, side, side), pass), pass);
        }
    }

    @Override
    public int featureSize() {
        return featureSize;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public List<Parameter> classifier() {
        List<Parameter> all = parameters.parameters();
        return all.subList(all.size() - 2, all.size());
    }

    @Override
    public void mode(Mode mode) {
        pass = new Pass(mode, pass.seed(), pass.step());
    }

    @Override
    public void randomness(long seed, long step) {
        pass = new Pass(pass.mode(), seed, step);
    }

    @Override
    public FlatParameters flat() {
        return parameters;
    }
}
