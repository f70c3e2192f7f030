package dev.quern.cli.terminal;

import dev.quern.train.StopSignal;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** While open, Ctrl-C and SIGTERM ask the run to finish its step and write a checkpoint, and the process waits for that. */
public final class Interruption implements AutoCloseable {
    private static final long LONGEST_WAIT_SECONDS = 60;

    private final StopSignal stop = new StopSignal();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupt, "quern-interrupt");

    /** Begins to listen. */
    public Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The signal that Ctrl-C and SIGTERM give. */
    public StopSignal stop() {
        return stop;
    }

    private void interrupt() {
        stop.request();
        System.err.println("quern: stopping after this step, a checkpoint is written");
        try {
            if (!done.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("quern: gave up waiting after " + LONGEST_WAIT_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs already: the process is on its way out.
            stop.request();
        }
    }
}
