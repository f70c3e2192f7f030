package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import org.openjdk.jmh.annotations.Param;

public class SinkhornBenchmark extends KernelBenchmark {
    @Param({"64×100²", "256×50²", "16×500²", "1×2000²", "1×100²"})
    String shape;

    @Override
    Suite.Entry entry() {
        return Suite.entry("sinkhorn", shape);
    }
}
