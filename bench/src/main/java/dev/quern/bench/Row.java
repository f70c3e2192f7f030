package dev.quern.bench;

/**
 * One line of the table.
 *
 * @param contestant who
 * @param origin whose
 * @param timing null where it failed
 * @param workspace bytes that the engine holds beside the arrays that go in and come out; 0 for others
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
        long workspace,
        double error,
        double ratio,
        double share,
        String limit,
        String failure) {

    /** A peer that could not be timed. */
    static Row failed(String kernel, String shape, String contestant, String limit, String why) {
        return new Row(kernel, shape, contestant, Origin.PEER, null, 0, 0, 0, 0, limit, why);
    }

    /** Whose work a row shows. */
    enum Origin {
        OURS,
        /** The same kernel without Java. */
        NATIVE,
        PEER
    }
}
