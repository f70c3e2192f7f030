package dev.quern.kernels;

/** This machine or build cannot do what was asked; the message says why. */
public final class UnsupportedByMachineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnsupportedByMachineException(String message) {
        super(message);
    }
}
