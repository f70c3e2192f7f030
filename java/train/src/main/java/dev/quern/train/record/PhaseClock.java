package dev.quern.train.record;

import java.util.EnumMap;
import java.util.Map;

/** Adds up the seconds of each {@link Phase}. Not thread-safe. */
public final class PhaseClock {
    private final Map<Phase, Double> seconds = new EnumMap<>(Phase.class);

    /** Work that takes time and can fail. */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** Runs {@code work} and adds its time to {@code phase}. */
    public <T, E extends Exception> T time(Phase phase, Work<T, E> work) throws E {
        long start = System.nanoTime();
        try {
            return work.run();
        } finally {
            add(phase, (System.nanoTime() - start) * 1e-9);
        }
    }

    public void add(Phase phase, double more) {
        seconds.merge(phase, more, Double::sum);
    }

    /** Adds all of another clock. */
    public void add(PhaseClock other) {
        other.seconds.forEach(this::add);
    }

    public double seconds(Phase phase) {
        return seconds.getOrDefault(phase, 0.0);
    }

    /** Sum over the phases. */
    public double total() {
        return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    public void reset() {
        seconds.clear();
    }
}
