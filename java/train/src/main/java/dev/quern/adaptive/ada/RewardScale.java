package dev.quern.adaptive.ada;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Centres and scales rewards by the running mean and standard deviation of their batch means; the first batch by its own standard deviation.
 */
final class RewardScale {
    private static final double GUARD = 1e-8;

    private double batches;
    private double mean;
    private double squares;
    private double deviation;

    /** @param rewards float32 [B] */
    Tensor apply(Tensor rewards) {
        double batchMean = rewards.mean().item_double();
        batches++;
        if (batches == 1) {
            mean = batchMean;
            deviation = rewards.size(0) > 1 ? rewards.std(true).item_double() : 0;
        } else {
            double before = mean;
            mean += (batchMean - before) / batches;
            squares += (batchMean - before) * (batchMean - mean);
            deviation = Math.sqrt(squares / batches);
        }
        return rewards.sub(new Scalar(mean)).div(new Scalar(deviation + GUARD));
    }

    double[] state() {
        return new double[] {batches, mean, squares, deviation};
    }

    void restore(double[] state) {
        batches = state[0];
        mean = state[1];
        squares = state[2];
        deviation = state[3];
    }
}
