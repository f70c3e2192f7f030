package dev.quern.cli.page;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A table of values as coloured cells in an SVG element; a cell's value shows when it is pointed at.
 *
 * @param values finite, a row for each of {@code rows}, a value for each of {@code columns}
 */
public record HeatMap(List<String> rows, List<String> columns, double[][] values) {
    private static final int LEFT = 300;
    private static final int TOP = 24;
    private static final int WIDTH = 720;
    private static final int ROW = 16;

    /** The picture. */
    public String svg() {
        double highest =
                Arrays.stream(values).flatMapToDouble(Arrays::stream).max().orElse(0);
        double lowest =
                Arrays.stream(values).flatMapToDouble(Arrays::stream).min().orElse(0);
        double cell = (double) (WIDTH - LEFT) / columns.size();
        StringBuilder svg = new StringBuilder("<svg viewBox='0 0 " + WIDTH + " " + (TOP + ROW * rows.size())
                + "' role='img' font-family='sans-serif' font-size='10'>");
        for (int j = 0; j < columns.size(); j++) {
            add(
                    svg,
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
                    LEFT + (j + 0.5) * cell,
                    TOP - 8,
                    ScatterChart.escape(columns.get(j)));
        }
        for (int i = 0; i < rows.size(); i++) {
            int y = TOP + ROW * i;
            String name = ScatterChart.escape(rows.get(i));
            add(svg, "<text x='%d' y='%d' text-anchor='end'>%s</text>", LEFT - 6, y + 12, name);
            for (int j = 0; j < columns.size(); j++) {
                double shade = highest > lowest ? (values[i][j] - lowest) / (highest - lowest) : 0;
                add(
                        svg,
                        "<rect x='%.1f' y='%d' width='%.1f' height='%d' fill='hsl(215 70%% %.0f%%)'><title>%s, %s: %.4g</title></rect>",
                        LEFT + j * cell,
                        y,
                        cell - 1,
                        ROW - 1,
                        96 - 66 * shade,
                        name,
                        ScatterChart.escape(columns.get(j)),
                        values[i][j]);
            }
        }
        return svg.append("</svg>").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
