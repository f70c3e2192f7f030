package dev.quern.train.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/** How far a run has come: what a checkpoint holds besides tensors. */
public final class Progress {
    private static final String[] COUNTS = {
        "epoch", "step_in_epoch", "step", "epoch_visits", "visits", "wrong_visits", "forward_visits", "best_epoch"
    };
    private static final String[] VALUES = {"epoch_loss", "best_accuracy", "last_accuracy"};

    /** The epoch under way, counted from 0. */
    public int epoch;
    /** Steps done in it. */
    public int stepInEpoch;
    /** Steps done in all. */
    public long step;
    /** Images visited in this epoch. */
    public long epochVisits;
    /** Sum of the losses of this epoch's visits. */
    public double epochLoss;
    /** Images visited in all. */
    public long visits;
    /** Of those, the ones whose label is known to be wrong. */
    public long wrongVisits;
    /** Images seen by forward passes for selection or augmentation. */
    public long forwardVisits;
    /** Epoch of the best evaluation; −1 before the first. */
    public int bestEpoch = -1;
    /** NaN before the first evaluation. */
    public double bestAccuracy = Double.NaN;
    /** NaN before the first evaluation. */
    public double lastAccuracy = Double.NaN;
    /** Of the last evaluation. */
    public Optional<LongTailMetrics> lastLongTail = Optional.empty();
    /** Of the epoch under way. */
    public final PhaseClock epochClock = new PhaseClock();
    /** Of the epochs before. */
    public final PhaseClock totalClock = new PhaseClock();

    /** Goes on to the next epoch. */
    public void beginEpoch() {
        epoch++;
        stepInEpoch = 0;
        epochVisits = 0;
        epochLoss = 0;
        totalClock.add(epochClock);
        epochClock.reset();
    }

    /** Takes an evaluation down. */
    public void evaluated(double accuracy, Optional<LongTailMetrics> longTail) {
        lastAccuracy = accuracy;
        lastLongTail = longTail;
        if (bestEpoch < 0 || accuracy > bestAccuracy) {
            bestAccuracy = accuracy;
            bestEpoch = epoch;
        }
    }

    /** On one line, for checkpoints. */
    public String toJson() {
        ObjectNode node = Json.mapper().createObjectNode();
        long[] counts = {epoch, stepInEpoch, step, epochVisits, visits, wrongVisits, forwardVisits, bestEpoch};
        double[] values = {epochLoss, bestAccuracy, lastAccuracy};
        for (int i = 0; i < COUNTS.length; i++) {
            node.put(COUNTS[i], counts[i]);
        }
        for (int i = 0; i < VALUES.length; i++) {
            node.put(VALUES[i], values[i]);
        }
        lastLongTail.ifPresent(found -> node.set("last_long_tail", found.toJson()));
        node.set("epoch_seconds", seconds(epochClock));
        node.set("total_seconds", seconds(totalClock));
        return Json.line(node);
    }

    /** As {@link #toJson} wrote it. */
    public static Progress fromJson(String text, String source) throws IOException {
        JsonNode node = Json.read(text, source);
        for (String field : COUNTS) {
            require(source, field, node.path(field).canConvertToLong());
        }
        for (String field : VALUES) {
            require(
                    source,
                    field,
                    node.path(field).isNumber() || node.path(field).asText().equals("NaN"));
        }
        Progress progress = new Progress();
        progress.epoch = node.get("epoch").asInt();
        progress.stepInEpoch = node.get("step_in_epoch").asInt();
        progress.step = node.get("step").asLong();
        progress.epochVisits = node.get("epoch_visits").asLong();
        progress.visits = node.get("visits").asLong();
        progress.wrongVisits = node.get("wrong_visits").asLong();
        progress.forwardVisits = node.get("forward_visits").asLong();
        progress.bestEpoch = node.get("best_epoch").asInt();
        progress.epochLoss = node.get("epoch_loss").asDouble(Double.NaN);
        progress.bestAccuracy = node.get("best_accuracy").asDouble(Double.NaN);
        progress.lastAccuracy = node.get("last_accuracy").asDouble(Double.NaN);
        progress.lastLongTail = Optional.of(node.path("last_long_tail"))
                .filter(JsonNode::isObject)
                .map(LongTailMetrics::fromJson);
        read(node.path("epoch_seconds"), progress.epochClock);
        read(node.path("total_seconds"), progress.totalClock);
        return progress;
    }

    private static ObjectNode seconds(PhaseClock clock) {
        ObjectNode node = Json.mapper().createObjectNode();
        for (Phase phase : Phase.values()) {
            node.put(phase.key(), clock.seconds(phase));
        }
        return node;
    }

    private static void read(JsonNode node, PhaseClock clock) {
        for (Phase phase : Phase.values()) {
            clock.add(phase, node.path(phase.key()).asDouble());
        }
    }

    private static void require(String source, String field, boolean present) throws IOException {
        if (!present) {
            throw new IOException(source + ": progress has no valid '" + field + "'");
        }
    }
}
