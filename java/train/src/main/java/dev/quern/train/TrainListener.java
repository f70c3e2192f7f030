package dev.quern.train;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;
import java.io.IOException;

/** Hears how a run goes. Called on the training thread; returns quickly. */
public interface TrainListener {
    /** Hears nothing. */
    TrainListener SILENT = new TrainListener() {};

    /** Work other than training steps begins. */
    default void phase(Phase phase, int epoch) {}

    /**
     * A training step is done.
     *
     * @param epoch counted from 0
     * @param step steps done in this epoch
     * @param steps of this epoch
     * @param imagesPerSecond of the steps so far in this epoch
     */
    default void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {}

    default void epoch(EpochMetrics metrics) {}

    /**
     * A run has come to its end.
     *
     * @param train the training images
     * @param policy that augments those of the last epoch unless it anneals; no longer valid afterwards
     * @param lastEpoch counted from 0
     */
    default void finished(ImageDataset train, AugmentPolicy policy, int lastEpoch) throws IOException {}

    /** Something a person should know: one line. */
    default void warning(String message) {}
}
