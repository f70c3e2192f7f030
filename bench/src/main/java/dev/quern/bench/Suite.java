package dev.quern.bench;

import dev.quern.bench.Settings.Effort;
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
                new Entry("cosine", () -> CosineWorkload.paired(20_000, 512)),
                new Entry("cosine", () -> CosineWorkload.byClass(20_000, 512, 1000)),
                new Entry("train", TrainingStepWorkload::resnet20),
                new Entry("input", InputWorkload::inMemory));
    }

    private static List<Entry> full() {
        List<Entry> entries = new ArrayList<>(List.of(
                new Entry("cosine", () -> CosineWorkload.paired(50_000, 512)),
                new Entry("cosine", () -> CosineWorkload.byClass(50_000, 512, 1000)),
                new Entry("cosine", () -> CosineWorkload.paired(1_000_000, 512)),
                new Entry("train", TrainingStepWorkload::resnet18),
                new Entry("train", TrainingStepWorkload::resnet20),
                new Entry("input", InputWorkload::inMemory)));
        if (InputWorkload.hasPhotographs()) {
            entries.add(new Entry("input", InputWorkload::jpegFiles));
        }
        return entries;
    }
}
