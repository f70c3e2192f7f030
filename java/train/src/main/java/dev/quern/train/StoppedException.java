package dev.quern.train;

import java.io.IOException;

/** A {@link StopSignal} ended work between training steps; what was begun is to be done again. */
public final class StoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoppedException() {
        super("stopped on request");
    }
}
