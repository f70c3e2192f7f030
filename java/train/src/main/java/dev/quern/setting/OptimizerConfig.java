package dev.quern.setting;

import dev.quern.train.TrainerSettings.Schedule;
import dev.quern.train.optimizer.CrossEntropy;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How weights learn: SGD with Nesterov momentum 0.9.
 *
 * @param batch images per step, 1 … 65536
 * @param schedule of the learning rate
 * @param learningRate at its peak, above 0
 * @param trunkRate share of the learning rate that all but the classifier has, in [0, 1]; 0: the trunk stands still
 * @param weightDecay ≥ 0
 * @param labelSmoothing in [0, 1)
 * @param entropyWeight of the prediction's entropy in the loss, ≥ 0; 1: EntLoss (Yang et al. 2024)
 * @param gradientClip largest gradient norm; 0: none
 * @param averageDecay of the weight average (EMA) that is evaluated and saved, in [0, 1); 0: none
 */
@RecordBuilder
public record OptimizerConfig(
        int batch,
        Schedule schedule,
        double learningRate,
        double trunkRate,
        double weightDecay,
        double labelSmoothing,
        double entropyWeight,
        double gradientClip,
        double averageDecay)
        implements OptimizerConfigBuilder.With {
    private static final int MOST_IMAGES = 65_536;

    /** Batches of 128, OneCycle with peak 0.1, weight decay 5e-4, label smoothing 0.1. */
    public static final OptimizerConfig DEFAULT =
            new OptimizerConfig(128, Schedule.ONE_CYCLE, 0.1, 1, 5e-4, 0.1, 0, 0, 0);

    /** Of the released code of AdaAugment and EntAugment: batches of 128, peak 0.1, weight decay 5e-4, plain cross-entropy. */
    public static final OptimizerConfig RELEASED =
            new OptimizerConfig(128, Schedule.RELEASED, 0.1, 1, 5e-4, 0, 0, 0, 0);

    public OptimizerConfig {
        Fields.require("batch", batch, batch >= 1 && batch <= MOST_IMAGES, "1 … " + MOST_IMAGES);
        Fields.require(
                "learningRate", learningRate, learningRate > 0 && Double.isFinite(learningRate), "above 0, finite");
        Fields.require("trunkRate", trunkRate, trunkRate >= 0 && trunkRate <= 1, "0 … 1");
        Fields.require("weightDecay", weightDecay, weightDecay >= 0 && Double.isFinite(weightDecay), "≥ 0, finite");
        Fields.shareBelow("labelSmoothing", labelSmoothing, 0, 1);
        Fields.require(
                "entropyWeight", entropyWeight, entropyWeight >= 0 && Double.isFinite(entropyWeight), "≥ 0, finite");
        Fields.require("gradientClip", gradientClip, gradientClip >= 0 && Double.isFinite(gradientClip), "≥ 0, finite");
        Fields.shareBelow("averageDecay", averageDecay, 0, 1);
    }

    /** The loss of the network. */
    public CrossEntropy loss() {
        return new CrossEntropy(labelSmoothing, entropyWeight);
    }
}
