package dev.quern.bench.workload;

import dev.quern.bench.peer.Settings.Effort;
import dev.quern.bench.workload.KnnWorkload.Among;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The workloads of the comparison, in the order of the table. */
public final class Suite {
    private Suite() {}

    /**
     * @param kernel its name for {@code --kernel} and of the module in {@code bench/peers} that does the same work
     * @param shape its name among the kernel's, as the table shows it
     * @param workload makes it; its inputs live from then on
     */
    public record Entry(String kernel, String shape, Supplier<Workload> workload) {}

    /**
     * The entry of full effort with this kernel and shape.
     *
     * @throws IllegalArgumentException naming the shapes there are
     */
    public static Entry entry(String kernel, String shape) {
        return full().stream()
                .filter(entry -> entry.kernel().equals(kernel) && entry.shape().equals(shape))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("shape of " + kernel + " is " + shape + ", allowed: "
                        + full().stream()
                                .filter(entry -> entry.kernel().equals(kernel))
                                .map(Entry::shape)
                                .toList()));
    }

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
                new Entry("sinkhorn", "8×100²", () -> new SinkhornWorkload(8, 100)),
                new Entry("points", "1,000², d = 64", () -> new PointsWorkload(1000, 64, 3)),
                new Entry("knn", "2,000×512", () -> new KnnWorkload(2000, 512, Among.ALL)),
                new Entry("knn", "4,000×512 within 100 classes", () -> new KnnWorkload(4000, 512, Among.CLASS)),
                new Entry("cosine", "20,000×512 paired", () -> CosineWorkload.paired(20_000, 512)),
                new Entry("cosine", "20,000×512 by class of 1,000", () -> CosineWorkload.byClass(20_000, 512, 1000)),
                new Entry("augment", "128×32²", () -> new AugmentWorkload(128, 32)),
                new Entry("augment", "4×224²", () -> new AugmentWorkload(4, 224)),
                new Entry("train", "step of ResNet-20, 128×3×32²", TrainingStepWorkload::resnet20),
                new Entry("input", "5,000×32² in memory", InputWorkload::inMemory));
    }

    private static List<Entry> full() {
        List<Entry> entries = new ArrayList<>(List.of(
                new Entry("sinkhorn", "64×100²", () -> new SinkhornWorkload(64, 100)),
                new Entry("sinkhorn", "256×50²", () -> new SinkhornWorkload(256, 50)),
                new Entry("sinkhorn", "16×500²", () -> new SinkhornWorkload(16, 500)),
                new Entry("sinkhorn", "1×2000²", () -> new SinkhornWorkload(1, 2000)),
                new Entry("sinkhorn", "1×100²", () -> new SinkhornWorkload(1, 100)),
                new Entry("points", "10,000², d = 64", () -> new PointsWorkload(10_000, 64, 3)),
                new Entry("points", "100², d = 64", () -> new PointsWorkload(100, 64, 3)),
                new Entry("knn", "50,000×512", () -> new KnnWorkload(50_000, 512, Among.ALL)),
                new Entry("knn", "10,000×512", () -> new KnnWorkload(10_000, 512, Among.ALL)),
                new Entry("knn", "10,000×512 within 100 classes", () -> new KnnWorkload(10_000, 512, Among.CLASS)),
                new Entry("knn", "100×512", () -> new KnnWorkload(100, 512, Among.ALL)),
                new Entry("cosine", "50,000×512 paired", () -> CosineWorkload.paired(50_000, 512)),
                new Entry("cosine", "50,000×512 by class of 1,000", () -> CosineWorkload.byClass(50_000, 512, 1000)),
                new Entry("cosine", "1,000,000×512 paired", () -> CosineWorkload.paired(1_000_000, 512)),
                new Entry("cosine", "1×512 paired", () -> CosineWorkload.paired(1, 512)),
                new Entry("augment", "512×32²", () -> new AugmentWorkload(512, 32)),
                new Entry("augment", "64×224²", () -> new AugmentWorkload(64, 224)),
                new Entry("augment", "1×32²", () -> new AugmentWorkload(1, 32)),
                new Entry("augment", "1×224²", () -> new AugmentWorkload(1, 224)),
                new Entry("train", "step of ResNet-18, 128×3×32²", TrainingStepWorkload::resnet18),
                new Entry("train", "step of ResNet-20, 128×3×32²", TrainingStepWorkload::resnet20),
                new Entry("input", "5,000×32² in memory", InputWorkload::inMemory)));
        if (InputWorkload.hasPhotographs()) {
            entries.add(new Entry("input", "JPEG files of 64²", InputWorkload::jpegFiles));
        }
        return entries;
    }
}
