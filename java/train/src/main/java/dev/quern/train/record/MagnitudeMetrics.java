package dev.quern.train.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalDouble;

/**
 * How strongly the samples are augmented after an epoch.
 *
 * @param mean magnitude of all samples, in [0, 1]
 * @param histogram [{@value #BINS}] samples by magnitude, in bins of equal width over [0, 1]
 * @param classMeans [C] mean magnitude of each class; NaN for a class without samples
 * @param reward mean over the epoch's visits; empty where nothing is rewarded
 * @param lambda weight of the reward's first term; empty where nothing is rewarded
 */
public record MagnitudeMetrics(
        double mean, int[] histogram, double[] classMeans, OptionalDouble reward, OptionalDouble lambda) {
    public static final int BINS = 10;

    /**
     * Metrics of magnitudes without a reward.
     *
     * @param magnitudes [N] in [0, 1]
     * @param labels [N] in 0 … {@code classes} − 1
     */
    public static MagnitudeMetrics of(float[] magnitudes, int[] labels, int classes) {
        double sum = 0;
        int[] histogram = new int[BINS];
        double[] classMeans = new double[classes];
        int[] classSizes = new int[classes];
        for (int i = 0; i < magnitudes.length; i++) {
            sum += magnitudes[i];
            histogram[Math.min((int) (magnitudes[i] * BINS), BINS - 1)]++;
            classMeans[labels[i]] += magnitudes[i];
            classSizes[labels[i]]++;
        }
        for (int c = 0; c < classes; c++) {
            classMeans[c] /= classSizes[c];
        }
        return new MagnitudeMetrics(
                sum / magnitudes.length, histogram, classMeans, OptionalDouble.empty(), OptionalDouble.empty());
    }

    public MagnitudeMetrics withReward(double reward, double lambda) {
        return new MagnitudeMetrics(mean, histogram, classMeans, OptionalDouble.of(reward), OptionalDouble.of(lambda));
    }

    ObjectNode toJson() {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("mean", mean);
        reward.ifPresent(value -> node.put("reward", value));
        lambda.ifPresent(value -> node.put("lambda", value));
        ArrayNode bins = node.putArray("histogram");
        for (int count : histogram) {
            bins.add(count);
        }
        ArrayNode classes = node.putArray("class_means");
        for (double value : classMeans) {
            if (Double.isNaN(value)) {
                classes.addNull();
            } else {
                classes.add(value);
            }
        }
        return node;
    }
}
