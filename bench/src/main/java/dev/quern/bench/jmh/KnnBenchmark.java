package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import org.openjdk.jmh.annotations.Param;

public class KnnBenchmark extends KernelBenchmark {
    @Param({"10,000×512", "10,000×512 within 100 classes", "100×512"})
    String shape;

    @Override
    Suite.Entry entry() {
        return Suite.entry("knn", shape);
    }
}
