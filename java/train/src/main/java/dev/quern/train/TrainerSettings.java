package dev.quern.train;

import dev.quern.nn.Precision;
import dev.quern.train.optimizer.CosineWithWarmUp;
import dev.quern.train.optimizer.EpochCosine;
import dev.quern.train.optimizer.LearningRate;
import dev.quern.train.optimizer.OneCycle;
import dev.quern.train.optimizer.StepDecay;
import dev.quern.train.optimizer.Timeline;

/**
 * How a network is trained.
 *
 * @param epochs ≥ 1
 * @param budgetEpochs epochs over all data that {@code visit_share} counts as 1, ≥ 1
 * @param batchSize ≥ 1; the last batch of an epoch may be smaller
 * @param schedule of the learning rate
 * @param peakLearningRate &gt; 0
 * @param trunkRate share of the learning rate that all but the classifier has, in [0, 1]
 * @param weightDecay ≥ 0
 * @param labelSmoothing in [0, 1)
 * @param entropyWeight of the prediction's entropy in the loss, ≥ 0; 1: EntLoss
 * @param gradientClip largest gradient norm; 0: none
 * @param averageDecay decay of the weight average that is evaluated and saved, in (0, 1); 0: none
 * @param precision of convolutions
 * @param seed of initial weights, order, augmentation
 * @param checkpointSteps steps between checkpoints within an epoch; 0: at the end of epochs only
 * @param evaluateEvery epochs between evaluations, ≥ 1; the last epoch is always evaluated
 */
public record TrainerSettings(
        int epochs,
        int budgetEpochs,
        int batchSize,
        Schedule schedule,
        double peakLearningRate,
        double trunkRate,
        double weightDecay,
        double labelSmoothing,
        double entropyWeight,
        double gradientClip,
        double averageDecay,
        Precision precision,
        long seed,
        int checkpointSteps,
        int evaluateEvery) {

    /** Learning rate over the steps of a run. */
    public enum Schedule {
        /** {@link OneCycle}. */
        ONE_CYCLE {
            @Override
            LearningRate over(Timeline timeline, double peak) {
                return OneCycle.of(peak, timeline.steps());
            }
        },
        /** {@link CosineWithWarmUp} with 5 % of the steps for warming up. */
        COSINE {
            @Override
            LearningRate over(Timeline timeline, double peak) {
                return new CosineWithWarmUp(peak, timeline.steps(), timeline.steps() / 20);
            }
        },
        /** {@link EpochCosine}, of the released code of AdaAugment and EntAugment. */
        RELEASED {
            @Override
            LearningRate over(Timeline timeline, double peak) {
                return new EpochCosine(peak, 1, timeline);
            }
        },
        /** {@link EpochCosine} with a peak of twice the given rate, of their WRN-28-10. */
        RELEASED_DOUBLED {
            @Override
            LearningRate over(Timeline timeline, double peak) {
                return new EpochCosine(peak, 2, timeline);
            }
        },
        /** {@link StepDecay#thirds}, of OLTR's released code. */
        THIRDS {
            @Override
            LearningRate over(Timeline timeline, double peak) {
                return StepDecay.thirds(peak, timeline);
            }
        };

        abstract LearningRate over(Timeline timeline, double peak);
    }
}
