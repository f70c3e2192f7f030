package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import org.openjdk.jmh.annotations.Param;

public class PointsBenchmark extends KernelBenchmark {
    @Param({"10,000², d = 64", "100², d = 64"})
    String shape;

    @Override
    Suite.Entry entry() {
        return Suite.entry("points", shape);
    }
}
