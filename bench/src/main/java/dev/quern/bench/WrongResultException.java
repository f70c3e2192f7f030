package dev.quern.bench;

/** One of our results is not what the oracle says; the message names kernel, shape and tier. */
final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongResultException(String message) {
        super(message);
    }
}
