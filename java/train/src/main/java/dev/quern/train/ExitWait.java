package dev.quern.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While open, the end of the process by {@code System.exit}, Ctrl-C or SIGTERM asks a run to stop and waits for it. Without, the C library
 * destroys LibTorch's and oneDNN's globals, compiled kernels among them, while a backward pass is at work in them, and the process crashes.
 */
public final class ExitWait implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    private ExitWait(StopSignal stop) {
        hook = new Thread(() -> stopAndWait(stop), "quern-exit");
    }

    /** Begins; close when LibTorch is at rest. */
    public static ExitWait of(StopSignal stop) {
        ExitWait wait = new ExitWait(stop);
        Runtime.getRuntime().addShutdownHook(wait.hook);
        return wait;
    }

    private void stopAndWait(StopSignal stop) {
        stop.request();
        try {
            done.await(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException exiting) {
            // The hook runs already, and now returns.
        }
    }
}
