package dev.quern.bench.peer;

import java.nio.file.Path;

/**
 * What a run was asked for.
 *
 * @param root of the project
 * @param python interpreter in which the peers are installed
 * @param threads of ours and of every peer
 * @param effort how much time a figure may take
 */
public record Settings(Path root, String python, int threads, Effort effort) {
    /** How much time a figure may take. */
    public enum Effort {
        /** Small shapes, few rounds: all kernels in a minute. */
        QUICK(3, 0.02, 0.3, 1, 40_000_000),
        /** The shapes of the comparison. */
        FULL(7, 0.15, 2, 3, 220_000_000);

        /** Turns that every contestant gets. */
        public final int rounds;
        /** Seconds that a turn lasts at least. */
        public final double turn;
        /** Seconds; a contestant whose single call lasts longer is slow. */
        public final double patience;
        /** Turns of a slow contestant, its first call among them. */
        public final int slowRounds;

        /** Between turns. Thread pools of other libraries spin after their work; those that do it longest, for 200 ms. */
        public final long restNanos;

        Effort(int rounds, double turn, double patience, int slowRounds, long restNanos) {
            this.rounds = rounds;
            this.turn = turn;
            this.patience = patience;
            this.slowRounds = slowRounds;
            this.restNanos = restNanos;
        }
    }
}
