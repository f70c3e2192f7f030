package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.io.NpyFile;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Somebody who does the work of a workload and can be timed. */
public interface Contestant {
    String name();

    /** Seconds of one call, averaged over {@code calls}. */
    double seconds(long calls) throws IOException;

    /** What a call gives. */
    float[] output() throws IOException;

    /** Quern through Java, held to an instruction set. */
    record Ours(Workload workload, Engine engine) implements Contestant {
        @Override
        public String name() {
            Isa isa = engine.isa();
            return "quern " + isa.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public double seconds(long calls) {
            long start = System.nanoTime();
            for (long call = 0; call < calls; call++) {
                workload.run(engine);
            }
            return (System.nanoTime() - start) * 1e-9 / calls;
        }

        @Override
        public float[] output() {
            workload.run(engine);
            return workload.output();
        }
    }

    /** Another process; {@code remark} follows its name in the table. */
    record Peer(PeerProcess process, String id, String remark, Path scratch) implements Contestant {
        @Override
        public String name() {
            return id + remark;
        }

        @Override
        public double seconds(long calls) throws IOException {
            return process.number("time", id, calls);
        }

        @Override
        public float[] output() throws IOException {
            Path file = scratch.resolve("output.npy");
            process.ask("output", id, file);
            float[] values = NpyFile.read(file).toFloats();
            Files.delete(file);
            return values;
        }
    }
}
