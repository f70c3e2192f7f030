package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_context;
import dev.quern.kernels.abi.quern_context_options;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Runs kernels on the CPU: a thread pool and its workspaces.
 *
 * <p>Thread-safe. {@link #close()} waits for the calls under way; later calls throw {@link IllegalStateException}.
 */
public final class Engine implements AutoCloseable {
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private final quern_context context;
    private boolean closed;

    /**
     * @param threads 1 … 1024; 0: the cores this process may use
     * @param isa tier to run; AUTO: environment variable {@code QUERN_ISA}, else the best this machine runs
     * @param finiteCheck whether float inputs are scanned before they are used
     */
    public record Options(int threads, Isa isa, FiniteCheck finiteCheck) {
        public static final Options DEFAULT = new Options(0, Isa.AUTO, FiniteCheck.OFF);

        public Options withThreads(int threads) {
            return new Options(threads, isa, finiteCheck);
        }

        public Options withIsa(Isa isa) {
            return new Options(threads, isa, finiteCheck);
        }

        public Options withFiniteCheck(FiniteCheck finiteCheck) {
            return new Options(threads, isa, finiteCheck);
        }
    }

    /** Whether a NaN or infinity in a float input is an error ({@link NotFiniteException}) or passes into its own row. */
    public enum FiniteCheck {
        OFF,
        ON
    }

    private Engine(quern_context context) {
        this.context = context;
    }

    /** Opens an engine with the default options. */
    public static Engine open() {
        return open(Options.DEFAULT);
    }

    /**
     * Opens an engine.
     *
     * @throws UnsupportedByMachineException if the native library or the asked tier is not available here, with the reason
     */
    public static Engine open(Options options) {
        Quern.requireAvailable();
        try (quern_context_options native_ = new quern_context_options()) {
            Pointer.memset(native_, 0, native_.sizeof());
            native_.threads(options.threads());
            native_.isa(options.isa().code);
            native_.check_finite(options.finiteCheck() == FiniteCheck.ON ? 1 : 0);
            quern_context context = new quern_context();
            check(quern.quern_context_create(native_, context));
            return new Engine(context);
        }
    }

    /** Threads of the pool, the calling thread included. */
    public int threads() {
        return call(quern::quern_context_threads);
    }

    /** The tier in use. */
    public Isa isa() {
        return Isa.of(call(quern::quern_context_isa));
    }

    /** Bytes of workspace held now. */
    public long workspaceBytes() {
        use.readLock().lock();
        try {
            requireOpen();
            return quern.quern_context_workspace_bytes(context);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Returns the workspaces to the system. */
    public void trim() {
        use.readLock().lock();
        try {
            requireOpen();
            quern.quern_context_trim(context);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Runs one native call and turns its status into an exception. */
    void run(ToIntFunction<quern_context> kernel) {
        use.readLock().lock();
        try {
            requireOpen();
            check(kernel.applyAsInt(context));
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                quern.quern_context_destroy(context);
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    private int call(ToIntFunction<quern_context> getter) {
        use.readLock().lock();
        try {
            requireOpen();
            return getter.applyAsInt(context);
        } finally {
            use.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("engine is closed");
        }
    }

    private static void check(int status) {
        if (status == quern.QUERN_OK) {
            return;
        }
        String message;
        try (BytePointer text = quern.quern_last_error()) {
            message = text.getString();
        }
        throw switch (status) {
            case quern.QUERN_INVALID_ARGUMENT -> new InvalidArgumentException(message);
            case quern.QUERN_NOT_FINITE -> new NotFiniteException(message);
            case quern.QUERN_OUT_OF_MEMORY -> new NativeOutOfMemoryException(message);
            case quern.QUERN_UNSUPPORTED -> new UnsupportedByMachineException(message);
            default -> new NativeFailureException(message);
        };
    }
}
