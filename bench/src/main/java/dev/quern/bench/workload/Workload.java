package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import dev.quern.kernels.Quern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A kernel, or a step of training, at one shape: its inputs, its oracle and its limit. The comparison with peers, the JMH classes and the
 * growth plots all run this.
 */
public interface Workload extends AutoCloseable {
    /** Does the work once, into an output that stays. */
    void run(Engine engine);

    /** What the last run gave, as the peers return it. */
    float[] output();

    /** Worst error of {@code output} against float64, on rows chosen by a fixed seed where all are too many. */
    double error(float[] output);

    /** What the last run counted, by name. */
    default Map<String, Long> counters() {
        return Map.of();
    }

    /** Largest error of a right result. */
    double tolerance();

    /** The least time that this machine needs. */
    Limit limit(Ceilings ceilings);

    /** Writes the inputs as npy files for the other processes. */
    void save(Path folder) throws IOException;

    /** Lets the native process, which has loaded the inputs, run the oracle that it shares with the native tests. */
    default void askOracle(PeerProcess natives, Path file) throws IOException {}

    /** Who else does this work. */
    default List<PeerProcess.Kind> peers() {
        return List.of(PeerProcess.Kind.NATIVE, PeerProcess.Kind.PYTHON);
    }

    /** Instruction sets to force, best first. */
    default List<Isa> tiers() {
        return Arrays.stream(Isa.values())
                .filter(isa -> isa != Isa.AUTO && !Quern.state().refusedTiers().containsKey(isa))
                .sorted((one, other) -> other.compareTo(one))
                .toList();
    }

    @Override
    void close();

    /**
     * @param resource what the machine has too little of
     * @param seconds the work divided by its rate
     */
    record Limit(String resource, double seconds) {
        /** The longer of two that bind at the same time. */
        Limit or(Limit other) {
            return seconds >= other.seconds ? this : other;
        }

        /** Both, one after the other. */
        Limit then(Limit other) {
            return new Limit(resource + " + " + other.resource, seconds + other.seconds);
        }
    }
}
