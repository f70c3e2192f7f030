package dev.quern.surrogate;

import dev.quern.clip.ClipEmbeddings;
import dev.quern.clip.ClipSelection;
import dev.quern.clip.DualEncoderTraining;
import dev.quern.joint.GivenEmbeddings;
import dev.quern.select.GumbelTopK.Quota;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/** {@link ClipSelection} on the embeddings given, or by a dual encoder that learns from the data set where there are none. */
final class EmbeddingSelection {
    private EmbeddingSelection() {}

    static StaticSelection of(SelectionGround ground) throws IOException {
        ClipSelection.Settings settings =
                ground.setting().clip().withProfile(ground.profile()).withSeed(ground.seed());
        ClipSelection selection =
                ground.setting().embeddings().isPresent() ? given(ground, settings) : learned(ground, settings);
        BitSet suspects = Arrays.stream(selection.suspects()).collect(BitSet::new, BitSet::set, BitSet::or);
        return ground.largest("clip", selection.scores().merit(), Quota.GLOBAL)
                .withSuspects(suspects)
                .withSeconds(selection.seconds());
    }

    private static ClipSelection given(SelectionGround ground, ClipSelection.Settings settings) throws IOException {
        GivenEmbeddings.Rows rows = GivenEmbeddings.read(
                ground.data(), ground.setting().embeddings().orElseThrow());
        ClipEmbeddings embeddings = new ClipEmbeddings(rows.images(), rows.texts(), ground.labels(), rows.dimension());
        return ClipSelection.of(
                ground.inference().engine(),
                embeddings,
                settings,
                ground.inference().stop());
    }

    private static ClipSelection learned(SelectionGround ground, ClipSelection.Settings settings) throws IOException {
        int epochs = ground.setting().encoderEpochs();
        return ClipSelection.ofDualEncoder(
                new DualEncoderTraining(ground.data(), ground.inference(), epochs, ground.seed()), settings);
    }
}
