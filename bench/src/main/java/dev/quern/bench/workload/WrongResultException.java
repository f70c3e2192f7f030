package dev.quern.bench.workload;

/** One of our results is not what the oracle says; the message names kernel, shape and tier. */
public final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Names kernel, shape and tier. */
    public WrongResultException(String message) {
        super(message);
    }
}
