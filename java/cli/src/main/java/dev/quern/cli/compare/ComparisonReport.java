package dev.quern.cli.compare;

import dev.quern.cli.page.HtmlReport;
import dev.quern.cli.page.LineChart;
import dev.quern.cli.page.Overlap;
import dev.quern.io.NpyFile;
import dev.quern.run.Method;
import dev.quern.surrogate.StaticMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Accuracy against ratio, wrong labels kept, and what the methods' choices have in common. */
final class ComparisonReport {
    private final Comparison comparison;
    private final List<ComparedMean> means;
    private final HtmlReport report;

    private ComparisonReport(Comparison comparison, List<ComparedMean> means) {
        this.comparison = comparison;
        this.means = means;
        int finished = means.stream().mapToInt(ComparedMean::seeds).sum();
        String introduction = comparison.config().dataset() + ". " + finished + " of "
                + comparison.runs().size()
                + " trainings are finished. Accuracies are those of the last epoch on the test images, mean ± standard deviation over"
                + " the seeds. 'wrong labels' and 'corrupted' are shares of what is trained on, 'visits' those of training on all data."
                + " 'selection s' counts everything a choice takes, its surrogate or encoder included, which methods share.";
        this.report = new HtmlReport(
                "Quern comparison",
                introduction,
                ComparedMean.COLUMNS,
                means.stream().map(ComparedMean::row).toList());
    }

    static void write(Comparison comparison, List<ComparedMean> means) throws IOException {
        ComparisonReport page = new ComparisonReport(comparison, means);
        for (String fault : comparison.config().faults().keySet()) {
            for (String model : comparison.config().models()) {
                String where = ", " + fault + ", " + model + ".";
                page.chart(
                        fault,
                        model,
                        "test accuracy",
                        ComparedMean::accuracy,
                        "Accuracy, mean ± standard deviation" + where);
                page.chart(
                        fault,
                        model,
                        "share of wrong labels",
                        ComparedMean::wrongShare,
                        "Wrong labels among what is trained on" + where);
            }
            page.overlaps(fault);
        }
        page.report.write(
                comparison.config().out().resolve("report.html"),
                "The folder of this file holds results.csv, results.json, the selections and the runs.");
    }

    private void chart(
            String fault, String model, String yLabel, ToDoubleFunction<ComparedMean> value, String caption) {
        List<LineChart.Series> lines = new ArrayList<>();
        for (String method : comparison.config().methods()) {
            List<ComparedMean> points = means.stream()
                    .filter(mean -> mean.group().fault().equals(fault)
                            && mean.group().model().equals(model)
                            && mean.group().method().equals(method)
                            && !Double.isNaN(value.applyAsDouble(mean)))
                    .sorted((a, b) ->
                            Double.compare(a.group().ratio(), b.group().ratio()))
                    .toList();
            if (!points.isEmpty()) {
                lines.add(method.equals(Method.FULL.label()) ? level(points.get(0), value) : line(points, value));
            }
        }
        if (!lines.isEmpty()) {
            report.chart(new LineChart("ratio", yLabel, lines), caption);
        }
    }

    /** All data, as a line across. */
    private static LineChart.Series level(ComparedMean full, ToDoubleFunction<ComparedMean> value) {
        double level = value.applyAsDouble(full);
        return new LineChart.Series(full.group().method(), new double[] {0, 1}, new double[] {level, level});
    }

    private static LineChart.Series line(List<ComparedMean> points, ToDoubleFunction<ComparedMean> value) {
        String method = points.get(0).group().method();
        double[] ratios =
                points.stream().mapToDouble(mean -> mean.group().ratio()).toArray();
        double[] values = points.stream().mapToDouble(value).toArray();
        boolean accuracies = values[0] == points.get(0).accuracy();
        return accuracies
                ? new LineChart.Series(
                        method,
                        ratios,
                        values,
                        points.stream().mapToDouble(ComparedMean::deviation).toArray())
                : new LineChart.Series(method, ratios, values);
    }

    /** Of the first seed. */
    private void overlaps(String fault) throws IOException {
        for (ComparedSelection selection : comparison.selections()) {
            boolean first = selection
                    .name()
                    .equals("selections/" + fault + "/seed-"
                            + comparison.config().seeds().get(0));
            if (first && selection.done()) {
                List<String> methods = selection.selections().methods().stream()
                        .map(StaticMethod::label)
                        .toList();
                for (double ratio : selection.selections().ratios()) {
                    List<int[]> chosen = new ArrayList<>();
                    for (String method : methods) {
                        chosen.add(NpyFile.read(selection.folder().indices(method, ratio))
                                .toInts());
                    }
                    report.chart(
                            Overlap.of(methods, chosen).heatMap().svg(),
                            "Share of the samples of a row's method that the column's keeps too, " + fault + ", ratio "
                                    + ratio + ", seed "
                                    + comparison.config().seeds().get(0) + ".");
                }
            }
        }
    }
}
