package dev.quern.bench.table;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Lines over two logarithmic axes as an SVG file, with a tick at every power of ten (of x: at every point). */
public record LogChart(String title, String xLabel, String yLabel, List<Line> lines) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int RIGHT = 170;
    private static final int TOP = 40;
    private static final int BOTTOM = 60;
    private static final List<String> COLOURS = List.of("#1f6feb", "#d1242f", "#1a7f37", "#9a6700");

    /** A named line. */
    public record Line(String name, List<Point> points) {}

    /** Both coordinates are positive. */
    public record Point(double x, double y) {}

    /** The picture. */
    public String svg() {
        double yLow = Math.pow(10, Math.floor(Math.log10(least(Point::y))));
        double yHigh = Math.pow(10, Math.ceil(Math.log10(-least(point -> -point.y()))));
        Axis x = new Axis(least(Point::x), -least(point -> -point.x()), LEFT, WIDTH - RIGHT);
        Axis y = new Axis(yLow, yHigh, HEIGHT - BOTTOM, TOP);
        StringBuilder svg = new StringBuilder(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                WIDTH, HEIGHT));
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, TOP - 16, "middle", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", xLabel);
        text(svg, LEFT, TOP - 4, "end", yLabel);
        for (double tick = yLow; tick <= yHigh * 1.001; tick *= 10) {
            rule(svg, LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick));
            text(svg, LEFT - 6, y.at(tick) + 4, "end", format("%.3g", tick));
        }
        for (Point point : lines.get(0).points()) {
            rule(svg, x.at(point.x()), TOP, x.at(point.x()), HEIGHT - BOTTOM);
            text(svg, x.at(point.x()), HEIGHT - BOTTOM + 16, "middle", format("%,.0f", point.x()));
        }
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), x, y, COLOURS.get(i % COLOURS.size()), TOP + 12 + 20 * i);
        }
        return svg.append("</svg>\n").toString();
    }

    private double least(ToDoubleFunction<Point> coordinate) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(coordinate)
                .min()
                .orElseThrow();
    }

    private static void line(StringBuilder svg, Line line, Axis x, Axis y, String colour, int legend) {
        svg.append(format("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"", colour));
        line.points().forEach(point -> svg.append(format("%.1f,%.1f ", x.at(point.x()), y.at(point.y()))));
        svg.append("\"/>\n");
        for (Point point : line.points()) {
            svg.append(format(
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                    x.at(point.x()), y.at(point.y()), colour));
        }
        svg.append(format(
                "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"4\" fill=\"%s\"/>\n",
                WIDTH - RIGHT + 12, legend, colour));
        text(svg, WIDTH - RIGHT + 30, legend + 6, "start", line.name());
    }

    private static void rule(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append(format("<path stroke=\"#d0d7de\" d=\"M%.1f,%.1f L%.1f,%.1f\"/>\n", x1, y1, x2, y2));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        svg.append(format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, escaped));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** From data to pixels. */
    private record Axis(double low, double high, double start, double end) {
        double at(double value) {
            double share = high > low ? Math.log(value / low) / Math.log(high / low) : 0.5;
            return start + share * (end - start);
        }
    }
}
