package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import org.openjdk.jmh.annotations.Param;

public class CosineBenchmark extends KernelBenchmark {
    @Param({"50,000×512 paired", "50,000×512 by class of 1,000", "1×512 paired"})
    String shape;

    @Override
    Suite.Entry entry() {
        return Suite.entry("cosine", shape);
    }
}
