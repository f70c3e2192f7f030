package dev.quern.kernels;

/** A fault on a CUDA device that it does not recover from within this process: every later call fails with the same reason. */
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceLostException(String message) {
        super(message);
    }
}
