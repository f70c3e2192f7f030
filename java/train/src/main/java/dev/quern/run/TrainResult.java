package dev.quern.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.Phase;
import java.nio.file.Path;

/**
 * What a run came to and where its files are.
 *
 * @param config as asked
 * @param epochs that the run has, by {@link TrainConfig#visits()}
 * @param trainSize training samples
 * @param outcome accuracies, visits, seconds
 * @param folder run folder
 */
public record TrainResult(TrainConfig config, int epochs, int trainSize, TrainOutcome outcome, Path folder) {

    /** True visits plus the forward passes of selection, each counted as a third of a visit, over full data for all epochs asked. */
    public double costShare() {
        return outcome.visitShare() + outcome.forwardVisits() / (3.0 * trainSize * config.epochs());
    }

    /** One object; accuracies and shares as fractions. */
    public ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("status", outcome.status().name().toLowerCase(java.util.Locale.ROOT));
        node.put("dataset", config.dataset());
        node.put("method", config.method().label());
        node.put("ratio", config.method().takesRatio() ? config.ratio() : 1);
        node.put("augmentation", config.augmentation().policy());
        node.put("adaptive", config.adaptive().label());
        node.put("model", config.model().label());
        node.put("seed", config.seed());
        node.put("epochs", epochs);
        node.put("epochs_done", outcome.epochs());
        putUnlessNaN(node, "final_accuracy", outcome.finalAccuracy());
        putUnlessNaN(node, "best_accuracy", outcome.bestAccuracy());
        node.put("best_epoch", outcome.bestEpoch());
        outcome.longTail().ifPresent(found -> node.set("long_tail", found.toJson()));
        node.put("visit_share", outcome.visitShare());
        node.put("cost_share", costShare());
        putUnlessNaN(node, "wrong_label_share", outcome.wrongShare().orElse(Double.NaN));
        ObjectNode seconds = node.putObject("seconds");
        for (Phase phase : Phase.values()) {
            seconds.put(phase.key(), Math.round(outcome.seconds().seconds(phase) * 1e3) / 1e3);
        }
        node.put("folder", folder.toString());
        return node;
    }

    private static void putUnlessNaN(ObjectNode node, String key, double value) {
        if (Double.isNaN(value)) {
            node.putNull(key);
        } else {
            node.put(key, value);
        }
    }
}
