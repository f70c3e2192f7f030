package dev.quern.clip;

import dev.quern.data.Profile;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.KnnDensity;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.UnitRows;
import dev.quern.nn.clip.ClipAdapters;
import dev.quern.select.coreset.AlignmentDiversity;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Scores of adapted embeddings, class by class, so that beside the embeddings no more than one class is held:
 * alignment, the cosine of an image and the text of its label; rival, the other class whose text is nearest; distance, the mean Euclidean distance to the nearest images of the same label (Yang et al. 2025).
 */
final class EmbeddingScores {
    private static final double NEAR = 0.1;
    private static final int MOST_NEIGHBOURS = 1023;
    private static final int CHUNK = 4096;

    private final Engine engine;
    private final OptionalInt neighbours;
    private final Profile profile;
    private final double[] alignment;
    private final int[] labels;
    private final int[] rival;
    private final double[] rivalAlignment;
    private final double[] distance;

    /** @param neighbours K ≥ 1; empty: a tenth of the class */
    EmbeddingScores(Engine engine, int samples, OptionalInt neighbours, Profile profile) {
        this.engine = engine;
        this.neighbours = neighbours;
        this.profile = profile;
        alignment = new double[samples];
        labels = new int[samples];
        rival = new int[samples];
        rivalAlignment = new double[samples];
        distance = new double[samples];
    }

    /**
     * Sets alignment and rival of {@code samples} (ascending). In released code the images pass the texts' adapter.
     */
    void align(ClipEmbeddings data, ClipAdapters adapters, int[] samples) {
        UnaryOperator<Tensor> adapter = profile == Profile.RELEASED ? adapters::texts : adapters::images;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                NativeBuffer texts = NativeBuffer.copyOf(data.texts(), data.classes(), data.dimension())) {
            TensorMemory.view(texts).copy_(adapters.texts(TensorMemory.view(texts)));
            for (int first = 0; first < samples.length; first += CHUNK) {
                int[] chunk = Arrays.copyOfRange(samples, first, Math.min(first + CHUNK, samples.length));
                try (NativeBuffer images = adapted(data, adapter, chunk)) {
                    align(data.labels(), chunk, images, texts);
                }
            }
        }
    }

    private void align(int[] given, int[] samples, NativeBuffer images, NativeBuffer texts) {
        int[] own = IntStream.of(samples).map(i -> given[i]).toArray();
        try (PointerScope scope = new PointerScope();
                NativeBuffer index = NativeBuffer.copyOf(own, own.length);
                NativeBuffer cosines = NativeBuffer.allocate(DType.FLOAT32, own.length)) {
            CosineConsistency.ofIndexedRows(engine, images, texts, index, cosines);
            Tensor all = UnitRows.of(TensorMemory.view(images))
                    .matmul(UnitRows.of(TensorMemory.view(texts)).t());
            Tensor column = TensorMemory.view(index).to(torch.ScalarType.Long).unsqueeze(1);
            // Below any cosine, so that the label's own text is not found.
            T_TensorTensor_T others = all.scatter(1, column, new Scalar(-2.0)).max(1, false);
            float[] best = TensorMemory.floats(others.get0());
            float[] nearest = TensorMemory.floats(others.get1().to(torch.ScalarType.Float));
            float[] cosine = cosines.toFloats();
            for (int i = 0; i < samples.length; i++) {
                labels[samples[i]] = own[i];
                alignment[samples[i]] = cosine[i];
                rival[samples[i]] = (int) nearest[i];
                rivalAlignment[samples[i]] = best[i];
            }
        }
    }

    /** Sets the distances of {@code samples} (ascending), whose neighbours may be any images of their class. */
    void diversify(ClipEmbeddings data, ClipAdapters adapters, int[] samples) {
        for (int[] all : data.members()) {
            int[] places = IntStream.range(0, all.length)
                    .filter(place -> Arrays.binarySearch(samples, all[place]) >= 0)
                    .toArray();
            int near = Math.min(near(all.length), all.length - 1);
            if (near == 0 || places.length == 0) {
                continue;
            }
            try (NativeBuffer images = adapted(data, adapters::images, all);
                    NativeBuffer queries = rows(images, places);
                    NativeBuffer mean = NativeBuffer.allocate(DType.FLOAT32, places.length)) {
                // A sample is its own nearest image, at distance 0.
                new KnnDensity(near + 1)
                        .search(engine, queries, null, images, null, new KnnDensity.Result(mean, null, null));
                float[] means = mean.toFloats();
                for (int i = 0; i < places.length; i++) {
                    distance[all[places[i]]] = means[i] * ((near + 1.0) / near);
                }
            }
        }
    }

    /** How many others count as near in a class of {@code size}; released code counts the sample itself as one of K. */
    private int near(int size) {
        int k = neighbours.orElse((int) Math.round(NEAR * size));
        return Math.min(Math.max(1, profile == Profile.RELEASED ? k - 1 : k), MOST_NEIGHBOURS);
    }

    AlignmentDiversity scaled() {
        return AlignmentDiversity.ofRaw(alignment, distance);
    }

    /**
     * Samples whose rival's text is nearer than that of their label, and at least as near as to the rival's own samples on average (as confident
     * learning counts, Northcutt et al. 2021); the clearest first.
     */
    int[] suspects() {
        int classes = 1
                + IntStream.concat(IntStream.of(labels), IntStream.of(rival))
                        .max()
                        .orElse(0);
        double[] mean = new double[classes];
        int[] count = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            mean[labels[i]] += alignment[i];
            count[labels[i]]++;
        }
        for (int c = 0; c < classes; c++) {
            mean[c] /= count[c];
        }
        return IntStream.range(0, labels.length)
                .filter(i -> rivalAlignment[i] > alignment[i] && rivalAlignment[i] >= mean[rival[i]])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> alignment[i] - rivalAlignment[i]))
                .mapToInt(i -> i)
                .toArray();
    }

    /** Adapted images of {@code samples}, FLOAT32 [n,D], to be closed by the caller. */
    private static NativeBuffer adapted(ClipEmbeddings data, UnaryOperator<Tensor> adapter, int[] samples) {
        NativeBuffer all = NativeBuffer.allocate(DType.FLOAT32, samples.length, data.dimension());
        int most = Math.min(CHUNK, samples.length);
        try (NativeBuffer rows = NativeBuffer.allocate(DType.FLOAT32, most, data.dimension())) {
            for (int first = 0; first < samples.length; first += CHUNK) {
                int count = Math.min(CHUNK, samples.length - first);
                data.copyImages(Arrays.copyOfRange(samples, first, first + count), rows);
                try (PointerScope scope = new PointerScope();
                        NoGradGuard guard = new NoGradGuard()) {
                    Tensor part = adapter.apply(TensorMemory.view(rows).narrow(0, 0, count));
                    TensorMemory.view(all).narrow(0, first, count).copy_(part);
                }
            }
        }
        return all;
    }

    private static NativeBuffer rows(NativeBuffer matrix, int[] places) {
        NativeBuffer rows = NativeBuffer.allocate(DType.FLOAT32, places.length, matrix.dimension(1));
        try (PointerScope scope = new PointerScope()) {
            Tensor index = torch.tensor(places).to(torch.ScalarType.Long);
            TensorMemory.view(rows).copy_(TensorMemory.view(matrix).index_select(0, index));
        }
        return rows;
    }
}
