package dev.quern.kernels;

/** Memory of the host or of a device ran out; nothing was leaked and the engine stays usable. */
public final class NativeOutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NativeOutOfMemoryException(String message) {
        super(message);
    }
}
