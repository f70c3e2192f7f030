package dev.quern.bench;

import java.util.List;
import java.util.Locale;

/** The table, in Markdown. */
final class ResultTable {
    static final String HEAD = """
            | kernel | shape | who | median ms | min … max | × ours | of the limit | worst error |
            |---|---|---|---:|---:|---:|---:|---:|
            """;

    private ResultTable() {}

    /** The lines of some rows. */
    static String lines(List<Row> rows) {
        StringBuilder lines = new StringBuilder();
        for (Row row : rows) {
            lines.append(row.timing() == null ? failed(row) : timed(row)).append('\n');
        }
        return lines.toString();
    }

    private static String timed(Row row) {
        Timing timing = row.timing();
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s … %s | %.2f | %.0f %% of %s | %.1e |",
                row.kernel(),
                row.shape(),
                row.contestant(),
                milliseconds(timing.median()),
                milliseconds(timing.min()),
                milliseconds(timing.max()),
                row.ratio(),
                100 * row.share(),
                row.limit(),
                row.error());
    }

    private static String failed(Row row) {
        return "| %s | %s | %s | %s | | | | |".formatted(row.kernel(), row.shape(), row.contestant(), row.failure());
    }

    /** Three digits. */
    static String milliseconds(double seconds) {
        double value = seconds * 1e3;
        int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
