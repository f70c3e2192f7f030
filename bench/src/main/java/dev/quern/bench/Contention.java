package dev.quern.bench;

import dev.quern.bench.peer.Settings;
import dev.quern.bench.table.Timing;
import dev.quern.bench.workload.Contestant;
import dev.quern.bench.workload.Suite;
import dev.quern.bench.workload.Workload;
import dev.quern.kernels.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How much slower a call becomes beside twice as many busy threads as cores. Were every thread given its share, a call of T threads on as
 * many cores would last (T + 2T) / T = 3 times as long; the table shows the slow-down relative to that.
 */
final class Contention {
    private static final int BUSY_PER_CORE = 2;

    private final Settings settings;

    /**
     * @param slowdown median beside the busy threads over the median alone
     * @param ofFairShare that, divided by the slow-down of fair sharing
     */
    record Result(String kernel, String shape, Timing alone, Timing beside, double slowdown, double ofFairShare) {}

    Contention(Settings settings) {
        this.settings = settings;
    }

    Result of(Suite.Entry entry) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        int busyThreads = BUSY_PER_CORE * cores;
        double fair = (double) (settings.threads() + busyThreads) / cores;
        try (Workload workload = entry.workload().get();
                Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(settings.threads()))) {
            Contestant ours = new Contestant.Ours(workload, engine);
            Timing alone = time(ours);
            List<Thread> busy = new ArrayList<>();
            AtomicBoolean stop = new AtomicBoolean();
            for (int i = 0; i < busyThreads; i++) {
                busy.add(new Thread(() -> spin(stop)));
            }
            busy.forEach(Thread::start);
            Timing beside = time(ours);
            stop.set(true);
            for (Thread thread : busy) {
                thread.join();
            }
            double slowdown = beside.median() / alone.median();
            return new Result(entry.kernel(), entry.shape(), alone, beside, slowdown, slowdown / fair);
        }
    }

    private Timing time(Contestant ours) {
        Map<Contestant, Timing> timings =
                new LinkedHashMap<>(Timing.inTurns(List.of(ours), settings.effort(), (who, failure) -> {}));
        return timings.get(ours);
    }

    private static void spin(AtomicBoolean stop) {
        while (!stop.get()) {
            Thread.onSpinWait();
        }
    }
}
