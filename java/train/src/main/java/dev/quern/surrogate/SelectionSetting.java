package dev.quern.surrogate;

import dev.quern.clip.ClipSelection;
import dev.quern.data.Profile;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;

/**
 * What all static methods follow.
 *
 * @param quota over what the kept samples are counted; empty: as each method is published
 * @param profile whose version of a method, where released code differs from its paper
 * @param surrogate of the methods that watch a network learn
 * @param clip how the CLIP method scores; its profile and seed are those of the whole selection
 * @param embeddings of images and class names, for the methods that can use them
 * @param encoderEpochs of the dual encoders that learn from the data set where there are no embeddings, ≥ 1
 */
@RecordBuilder
public record SelectionSetting(
        Optional<Quota> quota,
        Profile profile,
        Surrogate surrogate,
        ClipSelection.Settings clip,
        Optional<ConsistencyConfig.Given> embeddings,
        int encoderEpochs)
        implements SelectionSettingBuilder.With {
    public static final SelectionSetting DEFAULT = new SelectionSetting(
            Optional.empty(), Profile.PAPER, Surrogate.DEFAULT, ClipSelection.Settings.DEFAULT, Optional.empty(), 24);

    public SelectionSetting {
        Fields.atLeast("encoderEpochs", encoderEpochs, 1);
    }

    public SelectionSetting withQuota(Quota quota) {
        return withQuota(Optional.of(quota));
    }

    public SelectionSetting withEmbeddings(ConsistencyConfig.Given embeddings) {
        return withEmbeddings(Optional.of(embeddings));
    }
}
