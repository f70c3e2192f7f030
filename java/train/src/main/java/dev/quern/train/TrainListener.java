package dev.quern.train;

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

    /** Something a person should know: one line. */
    default void warning(String message) {}
}
