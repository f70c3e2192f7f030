package dev.quern.clip;

import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.UnitRows;
import dev.quern.nn.clip.ClipAdapters;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.setting.Fields;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.optimizer.Adam;
import dev.quern.train.optimizer.CrossEntropy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How {@link ClipAdapters} learn from cached embeddings: Adam without weight decay or schedule on the InfoNCE loss (van den Oord et al. 2018)
 * of normalised embeddings. The training was not published with CLIP-powered selection; these are common settings.
 *
 * @param epochs 0 … 100,000; 0 leaves the embeddings as they are; empty: 30 of up to 50,000 samples, of more samples as many as take the same
 *     number of steps, but at least one
 * @param batch samples a step, 2 … 65,536
 * @param learningRate &gt; 0
 * @param temperature divides the cosines, &gt; 0
 */
@RecordBuilder
public record AdapterConfig(OptionalInt epochs, int batch, double learningRate, double temperature, Loss loss)
        implements AdapterConfigBuilder.With {
    public static final AdapterConfig DEFAULT =
            new AdapterConfig(OptionalInt.empty(), 256, 1e-4, 0.07, Loss.INFONCE_CLASS);

    private static final int USUAL_EPOCHS = 30;
    private static final long USUAL_SAMPLES = 50_000;

    private static final double ADAM_EPSILON = 1e-8;
    private static final CrossEntropy CROSS_ENTROPY = new CrossEntropy(0, 0);

    /** What counts as a wrong pair. */
    public enum Loss {
        /** An image and the text of any other image of the batch, one of its own class included; both directions. */
        INFONCE_DIAG,
        /** An image and the text of any other class. */
        INFONCE_CLASS
    }

    public AdapterConfig {
        int given = epochs.orElse(USUAL_EPOCHS);
        Fields.require("adapter epochs", given, given >= 0 && given <= 100_000, "0 … 100000");
        Fields.require("adapter batch", batch, batch >= 2 && batch <= 65_536, "2 … 65536");
        Fields.require(
                "adapter learning rate",
                learningRate,
                learningRate > 0 && Double.isFinite(learningRate),
                "above 0, finite");
        Fields.require(
                "adapter temperature", temperature, temperature > 0 && Double.isFinite(temperature), "above 0, finite");
    }

    /** Epochs that {@code samples} are learned from. */
    int epochs(int samples) {
        long most = Math.max(1, USUAL_EPOCHS * USUAL_SAMPLES / Math.max(1, samples));
        return epochs.orElse((int) Math.min(USUAL_EPOCHS, most));
    }

    public AdapterConfig withEpochs(int epochs) {
        return withEpochs(OptionalInt.of(epochs));
    }

    /** Lets adapters learn from {@code samples} and their given labels. */
    void learn(ClipAdapters adapters, ClipEmbeddings data, int[] samples, long seed, StopSignal stop)
            throws StoppedException {
        int dimension = data.dimension();
        try (Adam adam = new Adam(adapters.flat(), 0, ADAM_EPSILON);
                NativeBuffer texts = NativeBuffer.copyOf(data.texts(), data.classes(), dimension);
                NativeBuffer images = NativeBuffer.allocate(DType.FLOAT32, batch, dimension)) {
            int last = epochs(samples.length);
            for (int epoch = 0; epoch < last; epoch++) {
                int[] order = Philox.shuffle(samples.clone(), seed, epoch, Slot.SHUFFLE);
                for (int first = 0; first < order.length; first += batch) {
                    stop.check();
                    int[] chosen = Arrays.copyOfRange(order, first, Math.min(first + batch, order.length));
                    data.copyImages(chosen, images);
                    try (PointerScope scope = new PointerScope()) {
                        adapters.flat().zeroGradients();
                        Tensor labels = torch.tensor(Arrays.stream(chosen)
                                .mapToLong(i -> data.labels()[i])
                                .toArray());
                        Tensor rows = TensorMemory.view(images).narrow(0, 0, chosen.length);
                        loss(adapters, rows, TensorMemory.view(texts), labels).backward();
                        adam.step(learningRate);
                    }
                }
            }
        }
    }

    /** The loss of images [B,D] with their labels [B] against texts [C,D]. */
    Tensor loss(ClipAdapters adapters, Tensor images, Tensor texts, Tensor labels) {
        Tensor z = UnitRows.of(adapters.images(images));
        if (loss == Loss.INFONCE_CLASS) {
            return CROSS_ENTROPY.loss(cosines(z, UnitRows.of(adapters.texts(texts))), labels);
        }
        Tensor logits = cosines(z, UnitRows.of(adapters.texts(texts.index_select(0, labels))));
        Tensor diagonal = torch.tensor(LongStream.range(0, images.size(0)).toArray());
        return CROSS_ENTROPY
                .loss(logits, diagonal)
                .add(CROSS_ENTROPY.loss(logits.t(), diagonal))
                .mul(new Scalar(0.5));
    }

    private Tensor cosines(Tensor images, Tensor texts) {
        return images.matmul(texts.t()).div(new Scalar(temperature));
    }
}
