package dev.quern.bench.jmh;

import dev.quern.bench.workload.Suite;
import dev.quern.bench.workload.Workload;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One kernel's workloads of the comparison, named by their shapes; what differs between kernels are the shapes alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class KernelBenchmark {
    @Param("AUTO")
    Isa isa;

    private Engine engine;
    private Workload workload;

    /** The kernel and the shape, as the comparison's table shows them. */
    abstract Suite.Entry entry();

    @Setup
    public void open() {
        engine = Engine.open(Engine.Options.DEFAULT.withIsa(isa));
        workload = entry().workload().get();
    }

    @Benchmark
    public Workload run() {
        workload.run(engine);
        return workload;
    }

    @TearDown
    public void close() {
        workload.close();
        engine.close();
    }
}
