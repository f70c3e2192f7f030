package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_context;
import dev.quern.kernels.abi.quern_context_options;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Runs kernels on the CPU, a thread pool and its workspaces, or on a CUDA device.
 *
 * <p>On a device the same calls take arrays that lie on the host, which are checked and staged, and costs, points, rows, images and outputs
 * that lie on the device, which are used in place. A call whose outputs all lie on the device returns once its work is on the stream; what
 * became of it is told by the next call that waits, {@link #synchronize} at the latest. Where the device's memory runs out a call is made in parts.
 *
 * <p>Thread-safe. {@link #close()} waits for the calls under way; later calls throw {@link IllegalStateException}.
 */
public final class Engine implements AutoCloseable {
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private final quern_context context;
    private final Device device;
    private boolean closed;

    /**
     * @param threads 1 … 1024; 0: the cores this process may use
     * @param isa tier to run; AUTO: environment variable {@code QUERN_ISA}, else the best this machine runs
     * @param finiteCheck whether float inputs on the host are scanned before they are used
     * @param device where kernels run
     */
    public record Options(int threads, Isa isa, FiniteCheck finiteCheck, Device device) {
        public static final Options DEFAULT = new Options(0, Isa.AUTO, FiniteCheck.OFF, Device.CPU);

        public Options withThreads(int threads) {
            return new Options(threads, isa, finiteCheck, device);
        }

        public Options withIsa(Isa isa) {
            return new Options(threads, isa, finiteCheck, device);
        }

        public Options withFiniteCheck(FiniteCheck finiteCheck) {
            return new Options(threads, isa, finiteCheck, device);
        }

        public Options withDevice(Device device) {
            return new Options(threads, isa, finiteCheck, device);
        }
    }

    /** Whether a NaN or infinity in a float input is an error ({@link NotFiniteException}) or passes into its own row. */
    public enum FiniteCheck {
        OFF,
        ON
    }

    private Engine(quern_context context, Device device) {
        this.context = context;
        this.device = device;
    }

    /** Opens an engine with the default options. */
    public static Engine open() {
        return open(Options.DEFAULT);
    }

    /** Opens an engine on a device, with the default options else. */
    public static Engine open(Device device) {
        return open(Options.DEFAULT.withDevice(device));
    }

    /**
     * Opens an engine.
     *
     * @throws UnsupportedByMachineException if the native library, the asked tier or CUDA is not available here, with the reason
     * @throws InvalidArgumentException naming the option, its value and what is allowed
     */
    public static Engine open(Options options) {
        Quern.requireAvailable();
        Device device = options.device();
        if (device.isCuda()) {
            Cuda.requireAvailable(device);
        }
        try (quern_context_options native_ = new quern_context_options()) {
            Pointer.memset(native_, 0, native_.sizeof());
            native_.threads(options.threads());
            native_.isa(options.isa().code);
            native_.check_finite(options.finiteCheck() == FiniteCheck.ON ? 1 : 0);
            native_.backend(device.isCuda() ? quern.QUERN_CUDA : quern.QUERN_CPU);
            native_.device(device.index());
            native_.stream(new NativeBuffer.Address(device.stream()));
            quern_context context = new quern_context();
            check(quern.quern_context_create(native_, context));
            return new Engine(context, device);
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

    /** Where kernels run. */
    public Device device() {
        return device;
    }

    /**
     * Waits for the calls under way on a device.
     *
     * @throws DeviceLostException naming the operations that the fault may come from
     */
    public void synchronize() {
        run(quern::quern_context_synchronize);
    }

    /** Copies an array to another of as many bytes; each lies on the host or on the engine's device. In order with the calls. */
    public void copy(NativeBuffer from, NativeBuffer to) {
        long bytes = from.size() * from.dtype().bytes();
        if (to.size() * to.dtype().bytes() != bytes) {
            throw new InvalidArgumentException("to is " + to + ", allowed: the " + bytes + " bytes of " + from);
        }
        run(context -> quern.quern_context_copy(context, to.pointer(), from.pointer(), bytes));
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

    static void check(int status) {
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
            case quern.QUERN_DEVICE_LOST -> new DeviceLostException(message);
            default -> new NativeFailureException(message);
        };
    }
}
