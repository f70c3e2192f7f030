package dev.quern.train.record;

import dev.quern.augment.AugmentPolicy;
import java.io.IOException;

/** Looks at what a network is fed. Called on the training thread, at the end of an epoch. */
public interface FeedMonitor extends AutoCloseable {
    /** Measures nothing. */
    FeedMonitor NONE = new FeedMonitor() {
        @Override
        public boolean isDue(int epoch) {
            return false;
        }

        @Override
        public FeedMetrics measure(int epoch, int[] samples, AugmentPolicy policy) {
            throw new IllegalStateException("nothing is due");
        }
    };

    boolean isDue(int epoch);

    /**
     * Measures an epoch's feed.
     *
     * @param samples of the epoch, in ascending order
     * @param policy of the view that the network learns from
     */
    FeedMetrics measure(int epoch, int[] samples, AugmentPolicy policy) throws IOException;

    @Override
    default void close() {}
}
