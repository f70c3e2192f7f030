package dev.quern.bench;

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
        QUICK(3, 0.02, 0.3, 40_000_000),
        /** The shapes of the comparison. */
        FULL(7, 0.15, 4, 220_000_000);

        /** Turns that every contestant gets. */
        final int rounds;
        /** Seconds that a turn lasts at least. */
        final double turn;
        /** A contestant whose single call lasts longer gets that one call and no more. */
        final double patience;

        /** Between turns. Thread pools of other libraries spin after their work; those that do it longest, for 200 ms. */
        final long restNanos;

        Effort(int rounds, double turn, double patience, long restNanos) {
            this.rounds = rounds;
            this.turn = turn;
            this.patience = patience;
            this.restNanos = restNanos;
        }
    }
}
