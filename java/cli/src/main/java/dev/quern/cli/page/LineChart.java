package dev.quern.cli.page;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * A line chart as an SVG element, drawn without AWT so that it needs no fonts on the machine.
 *
 * @param xLabel what runs along x
 * @param yLabel what runs along y
 */
public record LineChart(String xLabel, String yLabel, List<Series> series) {
    private static final int WIDTH = 720;
    private static final int LEAST_HEIGHT = 320;
    private static final int LEFT = 56;
    private static final int RIGHT = 150;
    private static final int TOP = 12;
    private static final int BOTTOM = 40;
    private static final int TICKS = 5;
    private static final int NAME_HEIGHT = 18;
    private static final String[] COLOURS = {
        "#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#57606a", "#0a7ea4"
    };

    /** Tell lines of one colour apart. */
    private static final String[] DASHES = {"none", "6 3", "2 3"};

    /**
     * One line; all arrays have the same length.
     *
     * @param spread half the length of the bar at each point; NaN: none
     */
    public record Series(String name, double[] x, double[] y, double[] spread) {
        /** A line without bars. */
        public Series(String name, double[] x, double[] y) {
            this(
                    name,
                    x,
                    y,
                    DoubleStream.generate(() -> Double.NaN).limit(x.length).toArray());
        }
    }

    String svg() {
        double xHigh = 1;
        double yLow = Double.POSITIVE_INFINITY;
        double yHigh = Double.NEGATIVE_INFINITY;
        for (Series line : series) {
            for (int i = 0; i < line.x().length; i++) {
                xHigh = Math.max(xHigh, line.x()[i]);
                double spread = Double.isNaN(line.spread()[i]) ? 0 : line.spread()[i];
                yLow = Math.min(yLow, line.y()[i] - spread);
                yHigh = Math.max(yHigh, line.y()[i] + spread);
            }
        }
        if (yLow > yHigh) {
            return "";
        }
        double margin = Math.max((yHigh - yLow) * 0.05, 1e-6);
        Scale scale = new Scale(xHigh, yLow - margin, yHigh + margin, height());
        StringBuilder svg = new StringBuilder();
        append(
                svg,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                height());
        axes(svg, scale);
        for (int i = 0; i < series.size(); i++) {
            line(svg, scale, series.get(i), i);
        }
        return svg.append("</svg>").toString();
    }

    /** Room for the names. */
    private int height() {
        return Math.max(LEAST_HEIGHT, TOP + NAME_HEIGHT * series.size() + BOTTOM);
    }

    private void axes(StringBuilder svg, Scale scale) {
        for (int tick = 0; tick <= TICKS; tick++) {
            double x = scale.xHigh * tick / TICKS;
            double y = scale.yLow + (scale.yHigh - scale.yLow) * tick / TICKS;
            append(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#d0d7de\"/>",
                    LEFT,
                    scale.y(y),
                    WIDTH - RIGHT,
                    scale.y(y));
            append(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>", LEFT - 6, scale.y(y) + 4, y);
            append(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>",
                    scale.x(x),
                    height() - BOTTOM + 16,
                    x);
        }
        append(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                (LEFT + WIDTH - RIGHT) / 2,
                height() - 6,
                escape(xLabel));
        append(
                svg,
                "<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                (TOP + height() - BOTTOM) / 2,
                escape(yLabel));
    }

    private static void line(StringBuilder svg, Scale scale, Series line, int row) {
        String colour = COLOURS[row % COLOURS.length];
        String dashes = DASHES[row / COLOURS.length % DASHES.length];
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.x().length; i++) {
            append(points, "%.1f,%.1f ", scale.x(line.x()[i]), scale.y(line.y()[i]));
        }
        append(
                svg,
                "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" stroke-dasharray=\"%s\" points=\"%s\"/>",
                colour,
                dashes,
                points.toString().trim());
        bars(svg, scale, line, colour);
        int y = TOP + 12 + row * NAME_HEIGHT;
        append(
                svg,
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke-width=\"3\" stroke=\"%s\" stroke-dasharray=\"%s\"/>",
                WIDTH - RIGHT + 6,
                y - 3,
                WIDTH - RIGHT + 26,
                y - 3,
                colour,
                dashes);
        append(svg, "<text x=\"%d\" y=\"%d\">%s</text>", WIDTH - RIGHT + 30, y, escape(line.name()));
    }

    private static void bars(StringBuilder svg, Scale scale, Series line, String colour) {
        for (int i = 0; i < line.x().length; i++) {
            if (!Double.isNaN(line.spread()[i])) {
                double x = scale.x(line.x()[i]);
                double high = scale.y(line.y()[i] + line.spread()[i]);
                double low = scale.y(line.y()[i] - line.spread()[i]);
                append(
                        svg,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
                        x,
                        low,
                        x,
                        high,
                        colour);
            }
        }
    }

    private static void append(StringBuilder target, String format, Object... values) {
        target.append(String.format(Locale.ROOT, format, values));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** From data to pixels. */
    private record Scale(double xHigh, double yLow, double yHigh, int height) {
        double x(double value) {
            return LEFT + value / xHigh * (WIDTH - RIGHT - LEFT);
        }

        double y(double value) {
            return height - BOTTOM - (value - yLow) / (yHigh - yLow) * (height - BOTTOM - TOP);
        }
    }
}
