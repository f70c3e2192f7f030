package dev.quern.bench.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.peer.Settings.Effort;
import dev.quern.bench.workload.Contestant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimingTest {
    private final List<String> turns = new ArrayList<>();

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        Timing timing = Timing.of(new double[] {4, 1, 3, 2}, 7);
        assertThat(timing).isEqualTo(new Timing(2.5, 1, 4, 4, 7));
    }

    @Test
    void contestantsTakeTurnsBackAndForth() {
        Timing.inTurns(List.of(new Scripted("a", 0.1), new Scripted("b", 0.1)), Effort.QUICK, (who, why) -> {});
        assertThat(turns).endsWith("a", "b", "b", "a", "a", "b");
    }

    @Test
    void whoIsTooSlowIsTimedOnce() {
        Contestant slow = new Scripted("slow", 100);
        Map<Contestant, Timing> timings = Timing.inTurns(List.of(slow), Effort.QUICK, (who, why) -> {});
        assertThat(turns).containsExactly("slow");
        assertThat(timings.get(slow)).isEqualTo(new Timing(100, 100, 100, 1, 1));
    }

    @Test
    void aFailureIsReportedAndTheOthersGoOn() {
        List<String> failures = new ArrayList<>();
        Contestant broken = new Scripted("broken", Double.NaN);
        Contestant sound = new Scripted("sound", 0.1);
        Map<Contestant, Timing> timings = Timing.inTurns(
                List.of(broken, sound), Effort.QUICK, (who, why) -> failures.add(who.name() + ": " + why.getMessage()));
        assertThat(failures).containsExactly("broken: out of order");
        assertThat(timings).containsOnlyKeys(sound);
    }

    /** Says how long it took instead of working; NaN: fails. */
    private final class Scripted implements Contestant {
        private final String name;
        private final double seconds;

        Scripted(String name, double seconds) {
            this.name = name;
            this.seconds = seconds;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public double seconds(long calls) throws IOException {
            if (Double.isNaN(seconds)) {
                throw new IOException("out of order");
            }
            turns.add(name);
            return seconds;
        }

        @Override
        public float[] output() {
            return new float[0];
        }
    }
}
