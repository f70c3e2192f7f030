package dev.quern.data;

import dev.quern.io.Limits;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads batches ahead on worker threads, into native memory that is allocated once. What is delivered depends on the order alone, never on the
 * number of workers.
 *
 * <p>A pass: {@link #start}, then {@link #next} while {@link #hasNext}. For one consumer thread.
 */
public final class BatchLoader implements AutoCloseable {
    private static final int MOST_WORKERS = 256;
    private static final int MOST_PREFETCH = 64;

    /**
     * @param batch samples per batch, ≥ 1; the last batch of a pass may be smaller
     * @param workers threads that read and decode, 1 … 256
     * @param prefetch batches read ahead, 1 … 64
     */
    public record Options(int batch, int workers, int prefetch) {
        public Options {
            require("batch", batch, Integer.MAX_VALUE);
            require("workers", workers, MOST_WORKERS);
            require("prefetch", prefetch, MOST_PREFETCH);
        }

        /** Two workers, three batches ahead. */
        public static Options ofBatch(int batch) {
            return new Options(batch, 2, 3);
        }

        private static void require(String name, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(name + " is " + value + ", allowed: 1 … " + most);
            }
        }
    }

    /** Memory of one batch. */
    private record Slab(NativeBuffer memory, ByteBuffer bytes) {}

    private record Pending(Slab slab, int first, int size, Future<?> filled) {}

    private final ImageDataset dataset;
    private final Options options;
    private final List<Slab> slabs = new ArrayList<>();
    private final Deque<Slab> free = new ArrayDeque<>();
    private final Deque<Pending> ahead = new ArrayDeque<>();
    private final ExecutorService workers;
    private Slab held;
    private int[] order = {};
    private int submitted;
    private boolean closed;
    private volatile boolean abandoned;

    /** Allocates the memory of {@code prefetch} + 1 batches; the data set is not closed with the loader. */
    public BatchLoader(ImageDataset dataset, Options options) {
        this.dataset = dataset;
        this.options = options;
        long slabBytes = (long) options.batch() * dataset.imageBytes();
        long most = Math.min(Integer.MAX_VALUE, Limits.LOADER_BYTES / (options.prefetch() + 1));
        if (slabBytes > most) {
            throw new IllegalArgumentException("batch is " + options.batch() + " images of " + dataset.height() + "×"
                    + dataset.width() + ", allowed with prefetch " + options.prefetch() + ": at most "
                    + most / dataset.imageBytes());
        }
        for (int i = 0; i <= options.prefetch(); i++) {
            NativeBuffer memory =
                    NativeBuffer.allocate(DType.UINT8, options.batch(), dataset.height(), dataset.width(), 3);
            slabs.add(new Slab(memory, memory.bytes()));
        }
        workers = Executors.newFixedThreadPool(options.workers(), task -> {
            Thread thread = new Thread(task, "quern-loader");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins a pass over the samples {@code order}, in that order; a pass under way is given up. */
    public void start(int[] order) {
        requireOpen();
        for (int i = 0; i < order.length; i++) {
            if (order[i] < 0 || order[i] >= dataset.size()) {
                throw new IllegalArgumentException(
                        "order[" + i + "] is " + order[i] + ", allowed: 0 … " + (dataset.size() - 1));
            }
        }
        abandon();
        this.order = order.clone();
        submitted = 0;
        readAhead();
    }

    /** Whether the pass has another batch. */
    public boolean hasNext() {
        return !ahead.isEmpty();
    }

    /**
     * Waits for the next batch.
     *
     * @throws IOException naming the sample that could not be read; the pass is then over
     */
    public Batch next() throws IOException {
        requireOpen();
        if (ahead.isEmpty()) {
            throw new NoSuchElementException("the pass is over");
        }
        if (held != null) {
            free.add(held);
            held = null;
            readAhead();
        }
        Pending pending = ahead.remove();
        held = pending.slab();
        try {
            pending.filled().get();
        } catch (ExecutionException failed) {
            abandon();
            throw asIoException(failed.getCause());
        } catch (InterruptedException interrupted) {
            ahead.addFirst(pending);
            held = null;
            abandon();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a batch", interrupted);
        }
        return batch(pending);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            abandon();
            workers.shutdown();
            slabs.forEach(slab -> slab.memory().close());
        }
    }

    private Batch batch(Pending pending) {
        int[] indices = Arrays.copyOfRange(order, pending.first(), pending.first() + pending.size());
        int[] labels = new int[indices.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = dataset.label(indices[i]);
        }
        NativeBuffer images = NativeBuffer.at(
                pending.slab().memory().address(), DType.UINT8, indices.length, dataset.height(), dataset.width(), 3);
        return new Batch(images, labels, indices);
    }

    private void readAhead() {
        while (!free.isEmpty() && submitted < order.length) {
            Slab slab = free.remove();
            int first = submitted;
            int size = Math.min(options.batch(), order.length - first);
            int[] indices = Arrays.copyOfRange(order, first, first + size);
            ahead.add(new Pending(slab, first, size, workers.submit(() -> fill(slab, indices))));
            submitted += size;
        }
    }

    private Void fill(Slab slab, int[] indices) throws IOException {
        ByteBuffer target = slab.bytes().duplicate();
        for (int i = 0; i < indices.length && !abandoned; i++) {
            int start = i * dataset.imageBytes();
            target.limit(start + dataset.imageBytes()).position(start);
            try {
                dataset.read(indices[i], target);
            } catch (IOException | RuntimeException failure) {
                throw new IOException(
                        "cannot read sample " + indices[i] + " (" + dataset.sampleName(indices[i]) + "): "
                                + failure.getMessage(),
                        failure);
            }
            if (target.hasRemaining()) {
                throw new IOException("cannot read sample " + indices[i] + " (" + dataset.sampleName(indices[i]) + "): "
                        + target.remaining() + " bytes are missing");
            }
        }
        return null;
    }

    /** Ends the pass. Waits until no worker writes to a slab any more, so that all slabs are free. */
    private void abandon() {
        abandoned = true;
        ahead.forEach(BatchLoader::awaitEnd);
        abandoned = false;
        ahead.clear();
        free.clear();
        free.addAll(slabs);
        held = null;
        order = new int[0];
        submitted = 0;
    }

    private static void awaitEnd(Pending pending) {
        boolean interrupted = false;
        while (true) {
            try {
                pending.filled().get();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            } catch (ExecutionException over) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static IOException asIoException(Throwable cause) {
        return cause instanceof IOException known ? known : new IOException("reading a batch failed: " + cause, cause);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("loader is closed");
        }
    }
}
