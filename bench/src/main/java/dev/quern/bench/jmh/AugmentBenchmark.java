package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import org.openjdk.jmh.annotations.Param;

public class AugmentBenchmark extends KernelBenchmark {
    @Param({"512×32²", "64×224²", "1×32²", "1×224²"})
    String shape;

    @Override
    Suite.Entry entry() {
        return Suite.entry("augment", shape);
    }
}
