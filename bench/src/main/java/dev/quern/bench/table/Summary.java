package dev.quern.bench.table;

import dev.quern.bench.table.Row.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A table with one line per workload, in Markdown: ours, and how many times longer the others take, the fastest first. */
public final class Summary {
    private static final String HEAD = """
            | kernel | shape | ours, ms | of the limit | other tiers | peers | Java adds |
            |---|---|---:|---|---|---|---:|
            """;

    private Summary() {}

    /** The table of these rows. */
    public static String of(List<Row> rows) {
        Map<String, List<Row>> workloads = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.timing() != null)
                .forEach(row -> workloads
                        .computeIfAbsent(row.kernel() + " " + row.shape(), absent -> new ArrayList<>())
                        .add(row));
        return HEAD + workloads.values().stream().map(Summary::line).collect(Collectors.joining());
    }

    /** The first row of a workload is ours at the best tier. */
    private static String line(List<Row> rows) {
        Row best = rows.get(0);
        String java = rows.stream()
                .filter(row -> row.origin() == Origin.NATIVE)
                .map(row -> String.format(Locale.ROOT, "%+.1f %%", 100 * (1 / row.ratio() - 1)))
                .findFirst()
                .orElse("");
        return "| %s | %s | %s (%s) | %.0f %% of %s | %s | %s | %s |%n"
                .formatted(
                        best.kernel(),
                        best.shape(),
                        ResultTable.milliseconds(best.timing().median()),
                        best.contestant().replace("quern ", ""),
                        100 * best.share(),
                        best.limit(),
                        ratios(rows.subList(1, rows.size()), Origin.OURS),
                        ratios(rows, Origin.PEER),
                        java);
    }

    private static String ratios(List<Row> rows, Origin origin) {
        return rows.stream()
                .filter(row -> row.origin() == origin)
                .sorted(Comparator.comparingDouble(Row::ratio))
                .map(row -> row.contestant().replace("quern ", "") + " "
                        + String.format(Locale.ROOT, row.ratio() < 10 ? "%.2f" : "%.0f", row.ratio()) + "×")
                .collect(Collectors.joining(", "));
    }
}
