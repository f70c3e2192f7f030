package dev.quern.pipeline;

import dev.quern.kernels.KnnDensity;
import dev.quern.select.AlignmentDiversity;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * CLIP-powered selection (Yang et al. 2025) on given embeddings; without them the alignment is that of a cross-fitted dual encoder trained on the
 * data set, and the diversity is among the features of the surrogate.
 */
final class EmbeddingSelection {
    /** Share of a class that counts as near. */
    private static final double NEAR = 0.1;

    private static final int MOST_NEIGHBOURS = 1024;

    private EmbeddingSelection() {}

    static StaticSelection of(SelectionGround ground) throws IOException {
        if (ground.setting().embeddings().isPresent()) {
            return given(ground, ground.setting().embeddings().get());
        }
        AlignmentDiversity scores = learned(ground);
        return StaticSelection.of(scores::select).withScores(scores.merit());
    }

    private static StaticSelection given(SelectionGround ground, ConsistencyConfig.Given files) throws IOException {
        GivenEmbeddings.Rows rows = GivenEmbeddings.read(ground.data(), files);
        ClipEmbeddings embeddings = new ClipEmbeddings(rows.images(), rows.texts(), ground.labels(), rows.dimension());
        ClipSelection.Settings settings =
                ClipSelection.Settings.DEFAULT.withProfile(ground.profile()).withSeed(ground.seed());
        ClipSelection selection = ClipSelection.of(
                ground.inference().engine(),
                embeddings,
                settings,
                ground.inference().stop());
        BitSet suspects = Arrays.stream(selection.suspects()).collect(BitSet::new, BitSet::set, BitSet::or);
        return StaticSelection.of(selection::select)
                .withScores(selection.scores().merit())
                .withSuspects(suspects);
    }

    private static AlignmentDiversity learned(SelectionGround ground) throws IOException {
        float[] alignment = new CrossFittedEncoder(
                        ground.data(),
                        ground.inference(),
                        ConsistencyConfig.CrossFitted.DEFAULT,
                        ground.seed(),
                        ground.listener())
                .consistency();
        float[] features = ground.evidence().features();
        int near = (int) Math.round(NEAR * ground.data().size() / ground.classes()) - 1;
        KnnDensity diversity =
                new KnnDensity(Math.min(Math.max(1, near), MOST_NEIGHBOURS), KnnDensity.ShortClass.CLAMP);
        float[] distances =
                diversity.density(ground.inference().engine(), features, ground.dimension(features), ground.labels());
        return AlignmentDiversity.ofRaw(doubles(alignment), doubles(distances));
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
}
