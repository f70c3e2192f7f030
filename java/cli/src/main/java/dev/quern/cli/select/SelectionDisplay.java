package dev.quern.cli.select;

import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.surrogate.SelectionListener;
import dev.quern.surrogate.StaticMethod;
import dev.quern.surrogate.Surrogate;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;

/** Shows how selections go, on standard error: the surrogate like any training, then a line a method. */
public final class SelectionDisplay implements SelectionListener, AutoCloseable {
    private final ProgressDisplay training;
    private final boolean silent;

    private SelectionDisplay(ProgressDisplay training, boolean silent) {
        this.training = training;
        this.silent = silent;
    }

    /** In that style, of selections that share a surrogate. */
    public static SelectionDisplay of(ProgressDisplay.Style style, Surrogate surrogate) {
        return new SelectionDisplay(
                ProgressDisplay.of(style, "surrogate", surrogate.epochs()), style == ProgressDisplay.Style.NONE);
    }

    @Override
    public void method(StaticMethod method) {
        if (!silent) {
            System.err.println("selecting by " + method.label());
        }
    }

    @Override
    public void phase(Phase phase, int epoch) {
        training.phase(phase, epoch);
    }

    @Override
    public void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
        training.step(epoch, epochs, step, steps, imagesPerSecond);
    }

    @Override
    public void epoch(EpochMetrics metrics) {
        training.epoch(metrics);
    }

    @Override
    public void warning(String message) {
        training.warning(message);
    }

    @Override
    public void close() {
        training.close();
    }
}
