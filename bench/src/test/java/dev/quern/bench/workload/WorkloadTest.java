package dev.quern.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.Engine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Oracles accept what the kernels return and nothing else. */
class WorkloadTest {
    private static final Map<String, Supplier<Workload>> WORKLOADS = Map.of(
            "cosine of rows", () -> CosineWorkload.paired(64, 48),
            "cosine by class", () -> CosineWorkload.byClass(64, 48, 5),
            "sinkhorn", () -> new SinkhornWorkload(2, 20),
            "point clouds", () -> new PointsWorkload(50, 8, 5),
            "neighbours", () -> new KnnWorkload(300, 32, KnnWorkload.Among.ALL),
            "neighbours within classes", () -> new KnnWorkload(1200, 32, KnnWorkload.Among.CLASS));

    @TestFactory
    List<DynamicTest> aRightResultIsWithinTheTolerance() {
        return each((workload, output) -> assertThat(workload.error(output)).isLessThanOrEqualTo(workload.tolerance()));
    }

    @TestFactory
    List<DynamicTest> aWrongValueIsBeyondTheTolerance() {
        return each((workload, output) -> {
            for (int i = 0; i < output.length; i++) {
                output[i] += 0.01f * (1 + Math.abs(output[i]));
            }
            assertThat(workload.error(output)).isGreaterThan(workload.tolerance());
        });
    }

    @TestFactory
    List<DynamicTest> aNaNIsBeyondEveryTolerance() {
        return each((workload, output) -> {
            Arrays.fill(output, Float.NaN);
            assertThat(workload.error(output)).isInfinite();
        });
    }

    private interface Check {
        void of(Workload workload, float[] output);
    }

    private static List<DynamicTest> each(Check check) {
        return WORKLOADS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    try (Engine engine = Engine.open();
                            Workload workload = entry.getValue().get()) {
                        workload.run(engine);
                        check.of(workload, workload.output());
                    }
                }))
                .toList();
    }
}
