package dev.quern.nn.clip;

import dev.quern.nn.BatchNorm;
import dev.quern.nn.Convolution;
import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Parameter;
import dev.quern.nn.Pass;
import dev.quern.nn.UnitRows;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A compact image encoder beside a table with one learned text embedding per class (Radford et al. 2021, at the size of a small data set).
 * Its features are image embeddings of length 1; its class scores are cosines with the texts divided by the temperature, so that
 * cross-entropy on them is the class-wise InfoNCE loss.
 *
 * <p>Images are halved first; three 3×3 convolutions with batch norm, global average pooling and a linear projection follow.
 */
public final class DualEncoder implements Network {
    /** Divides the cosines (van den Oord et al. 2018). */
    public static final double TEMPERATURE = 0.07;

    private static final int[] WIDTHS = {32, 64, 128};
    private static final int EMBEDDING = 64;

    private final FlatParameters parameters = new FlatParameters();
    private final Convolution[] convolutions = new Convolution[WIDTHS.length];
    private final BatchNorm[] norms = new BatchNorm[WIDTHS.length];
    private final Parameter projection;
    private final Parameter texts;
    private final int classes;
    private Pass pass = new Pass(Mode.TRAIN, 0, 0);

    /** @param classes ≥ 2 */
    public DualEncoder(int classes) {
        this.classes = classes;
        long in = 3;
        for (int i = 0; i < WIDTHS.length; i++) {
            convolutions[i] = new Convolution(parameters, "image.conv" + (i + 1), in, WIDTHS[i], 3, i == 0 ? 1 : 2);
            norms[i] = new BatchNorm(parameters, "image.bn" + (i + 1), WIDTHS[i]);
            in = WIDTHS[i];
        }
        projection = parameters.declare("image.projection.weight", InitialValue.uniform(in), EMBEDDING, in);
        texts = parameters.declare("text.weight", InitialValue.normal(1), classes, EMBEDDING);
        parameters.allocate();
    }

    @Override
    public Tensor features(Tensor images) {
        if (pass.mode() == Mode.TRAIN) {
            parameters.countBatch();
        }
        return features(images, pass);
    }

    Tensor features(Tensor images, Pass pass) {
        Tensor x = torch.avg_pool2d(images, 2, 2);
        for (int i = 0; i < WIDTHS.length; i++) {
            x = norms[i].forward(convolutions[i].forward(x, pass), pass).relu_();
        }
        return UnitRows.of(torch.linear(x.mean(2, 3), projection.value()).to(ScalarType.Float));
    }

    @Override
    public Tensor classify(Tensor features) {
        return torch.linear(features, textEmbeddings()).div(new Scalar(TEMPERATURE));
    }

    /** Text embeddings of length 1, float32 [C,{@link #featureSize()}]. */
    public Tensor textEmbeddings() {
        return UnitRows.of(texts.value());
    }

    @Override
    public int featureSize() {
        return EMBEDDING;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public List<Parameter> classifier() {
        return List.of(texts);
    }

    @Override
    public void mode(Mode mode) {
        pass = new Pass(mode, 0, 0);
    }

    @Override
    public FlatParameters flat() {
        return parameters;
    }
}
