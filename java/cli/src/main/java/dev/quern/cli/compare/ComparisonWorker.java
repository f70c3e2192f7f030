package dev.quern.cli.compare;

import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.train.StopSignal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Does the steps of a comparison that nobody else does. Several processes share one folder: whoever holds a step's lock does it, and a process
 * that ends in any way gives its lock back.
 */
final class ComparisonWorker {
    private static final long WAIT_MILLISECONDS = 500;

    private final Comparison comparison;
    private final ProgressDisplay.Style progress;
    private final StopSignal stop;
    private final Path locks;
    private final long start = System.nanoTime();
    private int doneHere;

    ComparisonWorker(Comparison comparison, ProgressDisplay.Style progress, StopSignal stop) throws IOException {
        this.comparison = comparison;
        this.progress = progress;
        this.stop = stop;
        this.locks = Files.createDirectories(comparison.config().out().resolve("locks"));
    }

    /** Until every step is done, by whomever; false if asked to stop before. */
    boolean run() throws IOException {
        List<ComparisonStep> left = left();
        while (!left.isEmpty()) {
            boolean worked = false;
            for (ComparisonStep step : left) {
                if (stop.requested()) {
                    return false;
                }
                if (step.ready() && claimed(step)) {
                    worked = true;
                }
            }
            if (!worked) {
                pause();
            }
            left = left();
        }
        ComparisonResults.write(comparison);
        return true;
    }

    private List<ComparisonStep> left() throws IOException {
        List<ComparisonStep> left = new java.util.ArrayList<>();
        for (ComparisonStep step : comparison.steps()) {
            if (!step.done()) {
                left.add(step);
            }
        }
        return left;
    }

    /** Does the step unless somebody else does it now or has done it. */
    private boolean claimed(ComparisonStep step) throws IOException {
        Path file = locks.resolve(step.name().replace('/', '_'));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null || step.done()) {
                return false;
            }
            step.run(progress, stop);
            if (!stop.requested()) {
                doneHere++;
                tell(step);
                ComparisonResults.write(comparison);
            }
            return true;
        } catch (OverlappingFileLockException here) {
            return false;
        }
    }

    private void tell(ComparisonStep step) throws IOException {
        if (progress == ProgressDisplay.Style.NONE) {
            return;
        }
        int all = comparison.steps().size();
        int left = left().size();
        double each = 1e-9
                * (System.nanoTime() - start)
                / doneHere
                / comparison.config().workers();
        System.err.println("quern: " + (all - left) + "/" + all + " " + step.name() + ", "
                + ProgressDisplay.duration(each * left) + " left");
    }

    private void pause() throws IOException {
        try {
            Thread.sleep(WAIT_MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop.request();
        }
    }
}
