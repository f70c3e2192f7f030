package dev.quern.bench.table;

import dev.quern.bench.peer.Settings.Effort;
import dev.quern.bench.workload.Contestant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Seconds of a call over several rounds.
 *
 * @param rounds how many turns the contestant had
 * @param calls of one turn
 */
public record Timing(double median, double min, double max, int rounds, long calls) {
    private static final int WARM_CALLS = 2;
    private static final long MOST_CALLS = 10_000;

    static Timing of(double[] turns, long calls) {
        double[] sorted = turns.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Timing(median, sorted[0], sorted[sorted.length - 1], sorted.length, calls);
    }

    /** Times contestants in turns, every other round backwards, so that what else happens meets all alike. One that fails is told to {@code failed}. */
    public static Map<Contestant, Timing> inTurns(
            List<? extends Contestant> contestants, Effort effort, Failures failed) {
        Map<Contestant, Turns> all = new LinkedHashMap<>();
        for (Contestant contestant : contestants) {
            attempt(contestant, failed, () -> all.put(contestant, Turns.begin(contestant, effort)));
        }
        for (int round = 0; round < effort.rounds; round++) {
            List<Contestant> order = new ArrayList<>(all.keySet());
            if (round % 2 == 1) {
                Collections.reverse(order);
            }
            for (Contestant contestant : order) {
                Turns turns = all.get(contestant);
                boolean takesPart = !turns.slow || round + 1 < effort.slowRounds;
                if (takesPart && !attempt(contestant, failed, () -> turns.add(contestant, effort))) {
                    all.remove(contestant);
                }
            }
        }
        Map<Contestant, Timing> timings = new LinkedHashMap<>();
        all.forEach((contestant, turns) -> timings.put(contestant, turns.timing()));
        return timings;
    }

    /** Whom a failure is told to. */
    public interface Failures {
        void add(Contestant contestant, IOException failure);
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private static boolean attempt(Contestant contestant, Failures failed, Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (IOException failure) {
            failed.add(contestant, failure);
            return false;
        }
    }

    /** The turns of one contestant so far. */
    private static final class Turns {
        private final List<Double> seconds = new ArrayList<>();
        private long calls = 1;
        private boolean slow;

        /** Warms up and finds how many calls make a turn. */
        static Turns begin(Contestant contestant, Effort effort) throws IOException {
            Turns turns = new Turns();
            double one = Double.POSITIVE_INFINITY;
            for (int call = 0; call <= WARM_CALLS && !turns.slow; call++) {
                one = Math.min(one, contestant.seconds(1));
                turns.slow = one > effort.patience;
            }
            turns.calls = Math.max(1, Math.min(MOST_CALLS, (long) (effort.turn / one)));
            if (turns.slow) {
                turns.seconds.add(one);
            }
            return turns;
        }

        /** Lets the threads of whoever came before fall asleep, and wakes this one's. */
        void add(Contestant contestant, Effort effort) throws IOException {
            LockSupport.parkNanos(effort.restNanos);
            if (calls > 1) {
                contestant.seconds(1);
            }
            seconds.add(contestant.seconds(calls));
        }

        Timing timing() {
            return of(seconds.stream().mapToDouble(Double::doubleValue).toArray(), calls);
        }
    }
}
