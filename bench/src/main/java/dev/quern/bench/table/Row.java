package dev.quern.bench.table;

import java.util.Map;

/**
 * One line of the table.
 *
 * @param contestant who
 * @param origin whose
 * @param timing null where it failed
 * @param counters of ours: bytes of workspace beside the arrays that go in and come out, and what the workload counts
 * @param error worst difference from the oracle
 * @param ratio its median over that of ours at the best tier
 * @param share of the physical limit: the least time over its median
 * @param failure why there is no timing; empty if there is one
 */
public record Row(
        String kernel,
        String shape,
        String contestant,
        Origin origin,
        Timing timing,
        Map<String, Long> counters,
        double error,
        double ratio,
        double share,
        String limit,
        String failure) {

    /** A peer that could not be timed. */
    public static Row failed(String kernel, String shape, String contestant, String limit, String why) {
        return new Row(kernel, shape, contestant, Origin.PEER, null, Map.of(), 0, 0, 0, limit, why);
    }

    /** Whose work a row shows. */
    public enum Origin {
        OURS,
        /** The same kernel without Java. */
        NATIVE,
        PEER
    }
}
