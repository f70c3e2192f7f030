package dev.quern.cli.compare;

import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.train.StopSignal;
import java.io.IOException;

/** A part of a comparison that is done once and kept. */
interface ComparisonStep {
    /** Its folder within the comparison's. */
    String name();

    boolean done() throws IOException;

    /** Whether what it builds on is done. */
    boolean ready() throws IOException;

    /** Does it, or goes on with it; returns early when asked to stop. */
    void run(ProgressDisplay.Style progress, StopSignal stop) throws IOException;
}
