package dev.quern.joint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.select.GumbelTopK.Draw;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.sampling.ProbabilityMap;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * Settings of {@link JointPipeline}.
 *
 * @param neighbors k of the density, 1 … 1024
 * @param refreshEpochs epochs between refreshes of the density, ≥ 1
 * @param map from density and consistency to weights
 * @param draw by chance, or the largest weights
 * @param quota over the whole data set, or class by class
 * @param consistency where image–text agreement comes from
 */
@RecordBuilder
public record JointConfig(
        int neighbors, int refreshEpochs, ProbabilityMap map, Draw draw, Quota quota, ConsistencyConfig consistency)
        implements JointConfigBuilder.With {
    private static final int MOST_NEIGHBORS = 1024;

    /** k = 10, R = 5, 1st–99th percentile, floor 1e-3, by chance over all samples, cross-fitted dual encoder. */
    public static final JointConfig DEFAULT = new JointConfig(
            10, 5, ProbabilityMap.MIN_MAX, Draw.GUMBEL, Quota.GLOBAL, ConsistencyConfig.CrossFitted.DEFAULT);

    public JointConfig {
        Fields.require("neighbors", neighbors, neighbors >= 1 && neighbors <= MOST_NEIGHBORS, "1 … " + MOST_NEIGHBORS);
        Fields.atLeast("refreshEpochs", refreshEpochs, 1);
    }

    /** Writes the settings, as they stand in {@code config.json}. */
    public void describe(ObjectNode node) {
        node.put("neighbors", neighbors);
        node.put("refresh_epochs", refreshEpochs);
        node.put("map", Fields.word(map.scale()));
        node.put("low_percentile", map.lowPercentile());
        node.put("high_percentile", map.highPercentile());
        node.put("floor", map.floor());
        node.put("draw", Fields.word(draw));
        node.put("quota", Fields.word(quota));
        if (consistency instanceof ConsistencyConfig.CrossFitted encoder) {
            node.put("consistency", "cross-fitted dual encoder");
            node.put("encoder_folds", encoder.folds());
            node.put("encoder_epochs", encoder.epochs());
        } else if (consistency instanceof ConsistencyConfig.Given files) {
            node.put("consistency", "given embeddings");
            node.put("image_embeddings", files.images().toString());
            node.put("text_embeddings", files.texts().toString());
        } else {
            node.put("consistency", "none");
        }
    }
}
