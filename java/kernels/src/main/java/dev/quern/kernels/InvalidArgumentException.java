package dev.quern.kernels;

/** An argument was refused; the message names it, its value and what is allowed. */
public final class InvalidArgumentException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidArgumentException(String message) {
        super(message);
    }
}
