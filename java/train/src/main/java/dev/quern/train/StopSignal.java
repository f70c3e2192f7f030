package dev.quern.train;

/** Asks a run to finish its step, write a checkpoint and return. Thread-safe: a signal handler may call {@link #request()}. */
public final class StopSignal {
    private volatile boolean requested;

    public void request() {
        requested = true;
    }

    public boolean requested() {
        return requested;
    }
}
