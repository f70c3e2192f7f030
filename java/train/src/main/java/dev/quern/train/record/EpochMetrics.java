package dev.quern.train.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.train.optimizer.LossScale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an epoch came to.
 *
 * @param epoch counted from 0
 * @param loss mean over the epoch's visits
 * @param learningRate of its last step
 * @param accuracy on the test images, in [0, 1]; empty if this epoch was not evaluated
 * @param longTail of the same evaluation, where the data set has a long tail
 * @param samples visited in this epoch
 * @param visitShare visits so far over full data for all epochs of the configuration
 * @param forwardVisits images seen so far by forward passes that only serve selection or augmentation
 * @param wrongShare share of this epoch's samples whose label is known to be wrong; empty where nothing is known
 * @param lossScale where training is in float16
 * @param augment name of the augmentation policy
 * @param magnitudes of an adaptive augmentation, where there is one
 * @param feed similarity and diversity of what the network was fed, where they were measured
 * @param seconds by phase, of this epoch
 */
public record EpochMetrics(
        int epoch,
        double loss,
        double learningRate,
        OptionalDouble accuracy,
        Optional<LongTailMetrics> longTail,
        int samples,
        double visitShare,
        long forwardVisits,
        OptionalDouble wrongShare,
        Optional<LossScale> lossScale,
        String augment,
        Optional<MagnitudeMetrics> magnitudes,
        Optional<FeedMetrics> feed,
        PhaseClock seconds) {

    /** Everything but {@code seconds} is the same in every run of one configuration. */
    public ObjectNode toJson() {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("epoch", epoch).put("loss", loss).put("learning_rate", learningRate);
        put(node, "test_accuracy", accuracy);
        longTail.ifPresent(found -> node.set("long_tail", found.toJson()));
        node.put("samples", samples).put("visit_share", visitShare).put("forward_visits", forwardVisits);
        put(node, "wrong_label_share", wrongShare);
        lossScale.ifPresent(found -> node.put("loss_scale", found.scale()).put("skipped_steps", found.skippedSteps()));
        node.put("augment", augment);
        magnitudes.ifPresent(found -> node.set("magnitude", found.toJson()));
        feed.ifPresent(found -> node.set("feed", found.toJson()));
        ObjectNode times = node.putObject("seconds");
        for (Phase phase : Phase.values()) {
            times.put(phase.key(), Math.round(seconds.seconds(phase) * 1e4) / 1e4);
        }
        return node;
    }

    private static void put(ObjectNode node, String key, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(key, value.getAsDouble());
        } else {
            node.putNull(key);
        }
    }
}
