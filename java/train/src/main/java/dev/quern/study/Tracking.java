package dev.quern.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a run follows the similarity and diversity of what its network is fed (Yang et al. 2024).
 *
 * @param every epochs between measurements; 0: none
 * @param images most images of the training set, and of the epoch's samples, that are compared, ≥ 2
 */
@RecordBuilder
public record Tracking(int every, EncoderConfig encoder, int images) implements TrackingBuilder.With {
    public static final Tracking NONE = new Tracking(0, EncoderConfig.DEFAULT, 5000);

    public Tracking {
        Fields.atLeast("tracking every", every, 0);
        Fields.atLeast("tracking images", images, 2);
    }

    /** Writes the settings, as they stand in {@code config.json}. */
    public void describe(ObjectNode node) {
        node.put("every", every).put("images", images);
        node.put("encoder", encoder.model().label());
        if (encoder.weights().isPresent()) {
            node.put("weights", encoder.weights().get().toString());
        } else {
            node.put("encoder_epochs", encoder.epochs());
        }
    }
}
