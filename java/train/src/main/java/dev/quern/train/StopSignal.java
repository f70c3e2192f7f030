package dev.quern.train;

/** Asks a run to finish its step, write a checkpoint and return; evaluation and selection are given up and done again. Thread-safe: a signal handler may call {@link #request()}. */
public final class StopSignal {
    private volatile boolean requested;

    public void request() {
        requested = true;
    }

    public boolean requested() {
        return requested;
    }

    /** Ends work that is not worth finishing. */
    public void check() throws StoppedException {
        if (requested) {
            throw new StoppedException();
        }
    }
}
