package dev.quern.kernels;

/** An input holds a NaN or an infinity; the message names the array and the first index. */
public final class NotFiniteException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public NotFiniteException(String message) {
        super(message);
    }
}
