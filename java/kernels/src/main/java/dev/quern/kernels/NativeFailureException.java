package dev.quern.kernels;

/** A defect inside the native library. */
public final class NativeFailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NativeFailureException(String message) {
        super(message);
    }
}
