package dev.quern.cli.select;

import dev.quern.cli.page.ContactSheet;
import dev.quern.cli.page.HeatMap;
import dev.quern.cli.page.HtmlReport;
import dev.quern.cli.page.LineChart;
import dev.quern.cli.page.ResultTable;
import dev.quern.data.ImageDataset;
import dev.quern.surrogate.MethodSelection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What methods kept, dropped and suspect, in figures and pictures. */
final class SelectionReport {
    private static final int SHOWN = 40;
    private static final int COLUMNS = 20;

    private final ImageDataset data;
    private final List<MethodSelection> selections;
    private final HtmlReport report;

    private SelectionReport(ImageDataset data, List<MethodSelection> selections) {
        this.data = data;
        this.selections = selections;
        ResultTable table = SelectionSummary.table(data, selections);
        String bases = selections.stream()
                .map(selection -> selection.method().label() + ": " + selection.basis())
                .collect(Collectors.joining("; "));
        String introduction = data.name() + ", " + data.size() + " training samples of "
                + data.classNames().size()
                + " classes. 'wrong labels' is the share of what is kept whose label is known to be wrong."
                + " What the methods look at: " + bases + ".";
        this.report = new HtmlReport("Quern selections", introduction, table.columns(), table.rows());
    }

    static void write(Path file, ImageDataset data, List<MethodSelection> selections) throws IOException {
        SelectionReport page = new SelectionReport(data, selections);
        page.wrongShares();
        page.overlaps();
        page.classCounts();
        for (MethodSelection selection : selections) {
            page.sheets(selection);
        }
        page.report.write(file, "The folder of this file holds the samples of every method and ratio as npy and csv.");
    }

    private void wrongShares() {
        if (data.knownWrongLabels().isEmpty()) {
            return;
        }
        List<SelectionSummary> summaries = SelectionSummary.of(data, selections);
        List<LineChart.Series> lines = selections.stream()
                .map(selection -> {
                    List<SelectionSummary> own = summaries.stream()
                            .filter(summary -> summary.selection() == selection)
                            .sorted((a, b) -> Double.compare(a.ratio(), b.ratio()))
                            .toList();
                    return new LineChart.Series(
                            selection.method().label(),
                            own.stream().mapToDouble(SelectionSummary::ratio).toArray(),
                            own.stream()
                                    .mapToDouble(summary -> summary.wrongShare().orElseThrow())
                                    .toArray());
                })
                .toList();
        report.chart(
                new LineChart("ratio", "share of wrong labels", lines),
                "Wrong labels among the samples that are kept.");
    }

    private void overlaps() {
        List<Double> ratios = selections.get(0).ratios();
        for (int r = 0; r < ratios.size(); r++) {
            report.chart(
                    SelectionFolder.overlap(selections, r).heatMap().svg(),
                    "Share of the samples of a row's method that the column's keeps too, at ratio " + ratios.get(r)
                            + ".");
        }
    }

    private void classCounts() {
        List<SelectionSummary> summaries = SelectionSummary.of(data, selections);
        double[][] counts = summaries.stream()
                .map(summary ->
                        Arrays.stream(summary.classCounts()).asDoubleStream().toArray())
                .toArray(double[][]::new);
        List<String> rows = summaries.stream()
                .map(summary -> summary.selection().method().label() + " " + summary.ratio())
                .toList();
        report.chart(new HeatMap(rows, data.classNames(), counts).svg(), "Samples kept of each class, by given label.");
    }

    /** At the smallest ratio, where a choice says most. */
    private void sheets(MethodSelection selection) throws IOException {
        int smallest = IntStream.range(0, selection.ratios().size())
                .boxed()
                .min((a, b) -> Double.compare(
                        selection.ratios().get(a), selection.ratios().get(b)))
                .orElseThrow();
        BitSet kept = Arrays.stream(selection.chosen().get(smallest)).collect(BitSet::new, BitSet::set, BitSet::or);
        BitSet dropped = new BitSet();
        dropped.set(0, data.size());
        dropped.andNot(kept);
        String where = " by " + selection.method().label() + " at ratio "
                + selection.ratios().get(smallest);
        sheet(kept, "Kept" + where);
        sheet(dropped, "Dropped" + where);
        if (selection.suspects().isPresent()) {
            sheet(
                    selection.suspects().get(),
                    "Held to be mislabelled by " + selection.method().label());
        }
    }

    /** Samples at even distances. */
    private void sheet(BitSet samples, String caption) throws IOException {
        int[] all = samples.stream().toArray();
        int count = Math.min(SHOWN, all.length);
        int[] shown = IntStream.range(0, count)
                .map(i -> all[(int) ((long) i * all.length / count)])
                .toArray();
        if (count > 0) {
            String labels = Arrays.stream(shown)
                    .limit(COLUMNS)
                    .mapToObj(i -> data.classNames().get(data.label(i)))
                    .collect(Collectors.joining(", "));
            report.image(
                    ContactSheet.png(data, shown, COLUMNS),
                    caption + ": " + count + " of " + all.length + ". First row: " + labels + ".");
        }
    }
}
