package dev.quern.bench;

/**
 * One line of the table.
 *
 * @param contestant who
 * @param origin whose
 * @param timing null where it failed
 * @param error worst difference from the oracle
 * @param ratio its median over that of ours at the best tier
 * @param share of the physical limit: the least time over its median
 * @param failure why there is no timing; empty if there is one
 */
record Row(
        String kernel,
        String shape,
        String contestant,
        Origin origin,
        Timing timing,
        double error,
        double ratio,
        double share,
        String limit,
        String failure) {

    /** Whose work a row shows. */
    enum Origin {
        OURS,
        /** The same kernel without Java. */
        NATIVE,
        PEER
    }
}
