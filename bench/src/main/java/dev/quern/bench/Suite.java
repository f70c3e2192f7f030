package dev.quern.bench;

import dev.quern.bench.Settings.Effort;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The workloads of the comparison, in the order of the table. */
public final class Suite {
    private Suite() {}

    /**
     * @param kernel as {@link Workload#kernel()}
     * @param workload makes it; its inputs live from then on
     */
    public record Entry(String kernel, Supplier<Workload> workload) {}

    /** The names that {@code --kernel} takes. */
    public static Set<String> kernels() {
        return entries(Effort.QUICK).stream().map(Entry::kernel).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Everything that is measured with an effort. */
    public static List<Entry> entries(Effort effort) {
        return effort == Effort.QUICK ? quick() : full();
    }

    private static List<Entry> quick() {
        return List.of(
                new Entry("sinkhorn", () -> new SinkhornWorkload(16, 100)),
                new Entry("points", () -> new PointsWorkload(2000, 64, 2)),
                new Entry("knn", () -> new KnnWorkload(4000, 512, KnnWorkload.Among.ALL)),
                new Entry("knn", () -> new KnnWorkload(4000, 512, KnnWorkload.Among.CLASS)),
                new Entry("cosine", () -> CosineWorkload.paired(20_000, 512)),
                new Entry("cosine", () -> CosineWorkload.byClass(20_000, 512, 1000)),
                new Entry("augment", () -> new AugmentWorkload(128, 32)),
                new Entry("augment", () -> new AugmentWorkload(4, 224)));
    }

    private static List<Entry> full() {
        return List.of(
                new Entry("sinkhorn", () -> new SinkhornWorkload(64, 100)),
                new Entry("sinkhorn", () -> new SinkhornWorkload(256, 50)),
                new Entry("sinkhorn", () -> new SinkhornWorkload(16, 500)),
                new Entry("sinkhorn", () -> new SinkhornWorkload(1, 2000)),
                new Entry("sinkhorn", () -> new SinkhornWorkload(1, 100)),
                new Entry("points", () -> new PointsWorkload(10_000, 64, 10)),
                new Entry("points", () -> new PointsWorkload(100, 64, 10)),
                new Entry("knn", () -> new KnnWorkload(50_000, 512, KnnWorkload.Among.ALL)),
                new Entry("knn", () -> new KnnWorkload(10_000, 512, KnnWorkload.Among.ALL)),
                new Entry("knn", () -> new KnnWorkload(10_000, 512, KnnWorkload.Among.CLASS)),
                new Entry("knn", () -> new KnnWorkload(100, 512, KnnWorkload.Among.ALL)),
                new Entry("cosine", () -> CosineWorkload.paired(50_000, 512)),
                new Entry("cosine", () -> CosineWorkload.byClass(50_000, 512, 1000)),
                new Entry("cosine", () -> CosineWorkload.paired(1_000_000, 512)),
                new Entry("cosine", () -> CosineWorkload.paired(1, 512)),
                new Entry("augment", () -> new AugmentWorkload(512, 32)),
                new Entry("augment", () -> new AugmentWorkload(64, 224)),
                new Entry("augment", () -> new AugmentWorkload(1, 32)),
                new Entry("augment", () -> new AugmentWorkload(1, 224)));
    }
}
