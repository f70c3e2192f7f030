package dev.quern.cli.page;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.run.TrainResult;
import dev.quern.train.record.Phase;
import dev.quern.train.record.PhaseClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results of runs side by side. */
public record ResultTable(List<String> columns, List<List<String>> rows) {
    private static final List<String> COLUMNS = List.of(
            "method",
            "epochs",
            "accuracy",
            "best",
            "visits",
            "wrong labels",
            "encoder s",
            "select s",
            "augment s",
            "train s",
            "evaluate s",
            "total s");

    /** A row a result. */
    public static ResultTable of(List<TrainResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (TrainResult result : results) {
            PhaseClock clock = result.outcome().seconds();
            rows.add(List.of(
                    name(result),
                    String.valueOf(result.outcome().epochs()),
                    percent(result.outcome().finalAccuracy()),
                    percent(result.outcome().bestAccuracy()),
                    percent(result.outcome().visitShare()),
                    percent(result.outcome().wrongShare().orElse(Double.NaN)),
                    seconds(clock.seconds(Phase.DUAL_ENCODER)),
                    seconds(clock.seconds(Phase.SELECT)),
                    seconds(clock.seconds(Phase.AUGMENT)),
                    seconds(clock.seconds(Phase.TRAIN)),
                    seconds(clock.seconds(Phase.EVALUATE)),
                    seconds(clock.total())));
        }
        return new ResultTable(COLUMNS, rows);
    }

    /** Method, ratio and adaptive augmentation of a run. */
    public static String name(TrainResult result) {
        String ratio = result.config().ratio() == 1
                ? ""
                : String.format(Locale.ROOT, " %.0f %%", result.config().ratio() * 100);
        String adaptive = result.config().adaptive() instanceof AdaptiveConfig.None
                ? ""
                : "+" + result.config().adaptive().label();
        return result.config().method().label() + ratio + adaptive;
    }

    /** The table in columns of characters. */
    public String text() {
        int[] widths = new int[columns.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = columns.get(column).length();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder(line(columns, widths));
        rows.forEach(row -> text.append(System.lineSeparator()).append(line(row, widths)));
        return text.toString();
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String format = column == 0 ? "%-" + widths[column] + "s" : "  %" + widths[column] + "s";
            line.append(String.format(Locale.ROOT, format, cells.get(column)));
        }
        return line.toString();
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f", seconds);
    }
}
