package dev.quern.surrogate;

import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.kernels.DType;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.KnnDensity;
import dev.quern.kernels.NativeBuffer;
import dev.quern.select.GumbelTopK;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.ScoreRanking;
import dev.quern.select.coreset.D2Pruning;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Inference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * What a static method builds its choice on.
 *
 * @param data training set with the labels as they are given, right or wrong
 * @param inference how images become inputs of networks
 * @param evidence of the surrogate; null where no method needs it
 * @param seed of everything random
 */
record SelectionGround(ImageDataset data, Inference inference, Evidence evidence, SelectionSetting setting, long seed) {

    int[] labels() {
        return IntStream.range(0, data.size()).map(data::label).toArray();
    }

    int classes() {
        return data.classNames().size();
    }

    /** D of an array [N,D]. */
    int dimension(float[] rows) {
        return rows.length / data.size();
    }

    Profile profile() {
        return setting.profile();
    }

    /** The quota asked for, or else the published one. */
    Quota quota(Quota published) {
        return setting.quota().orElse(published);
    }

    /** Draws by chance, over the whole set unless a quota is asked for. */
    GumbelTopK sampler() {
        return new GumbelTopK(GumbelTopK.Draw.GUMBEL, quota(Quota.GLOBAL), seed);
    }

    /** Normalised images [N,height·width·3]. */
    float[] pixels() throws IOException {
        FusedAugment.Normalization statistics = ChannelStatistics.of(data);
        byte[] image = new byte[data.imageBytes()];
        float[] pixels = new float[Math.multiplyExact(data.size(), image.length)];
        for (int i = 0; i < data.size(); i++) {
            data.read(i, ByteBuffer.wrap(image));
            for (int p = 0; p < image.length; p++) {
                float value = (image[p] & 0xFF) / 255f;
                pixels[i * image.length + p] =
                        (value - statistics.mean()[p % 3]) / statistics.std()[p % 3];
            }
        }
        return pixels;
    }

    /** Keeps the largest scores. */
    StaticSelection largest(String name, double[] scores, Quota published) {
        return StaticSelection.of(new ScoreRanking(name, scores, labels(), quota(published))::select)
                .withScores(scores);
    }

    /** The k nearest of each row of features [N,D]. */
    D2Pruning.Neighbors neighbors(float[] features, int k) {
        try (NativeBuffer points = NativeBuffer.copyOf(features, data.size(), dimension(features));
                NativeBuffer distances = NativeBuffer.allocate(DType.FLOAT32, data.size(), k);
                NativeBuffer indices = NativeBuffer.allocate(DType.INT64, data.size(), k)) {
            new KnnDensity(k).search(inference.engine(), points, null, new KnnDensity.Result(null, distances, indices));
            long[] found = new long[data.size() * k];
            indices.bytes().asLongBuffer().get(found);
            return new D2Pruning.Neighbors(found, distances.toFloats());
        }
    }
}
