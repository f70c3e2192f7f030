package dev.quern.bench.table;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The table, in Markdown. */
public final class ResultTable {
    /** The head of the table. */
    public static final String HEAD = """
            | kernel | shape | who | median ms | min … max | × ours | of the limit | worst error | counters |
            |---|---|---|---:|---:|---:|---:|---:|---|
            """;

    private ResultTable() {}

    /** The lines of some rows. */
    public static String lines(List<Row> rows) {
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
                "| %s | %s | %s | %s | %s … %s | %.2f | %.0f %% of %s | %.1e | %s |",
                row.kernel(),
                row.shape(),
                row.contestant(),
                milliseconds(timing.median()),
                milliseconds(timing.min()),
                milliseconds(timing.max()),
                row.ratio(),
                100 * row.share(),
                row.limit(),
                row.error(),
                row.counters().entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private static String failed(Row row) {
        return "| %s | %s | %s | %s | | | | | |".formatted(row.kernel(), row.shape(), row.contestant(), row.failure());
    }

    /** Three significant digits, no exponent. */
    public static String milliseconds(double seconds) {
        BigDecimal rounded = new BigDecimal(seconds * 1e3).round(new MathContext(3));
        return rounded.setScale(Math.max(0, rounded.scale()), RoundingMode.HALF_EVEN)
                .toPlainString();
    }
}
