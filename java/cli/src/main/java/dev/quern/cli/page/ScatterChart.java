package dev.quern.cli.page;

import java.util.List;
import java.util.Locale;

/** A scatter of named points as an SVG element; a point's name and colour value show when it is pointed at. */
public record ScatterChart(String xLabel, String yLabel, List<Point> points) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 64;
    private static final int BOTTOM = 44;
    private static final int MARGIN = 14;
    private static final int TICKS = 5;

    /** @param shade in [0, 1], from blue to red, or NaN: grey */
    public record Point(String name, double x, double y, double shade) {}

    /** The picture. */
    public String svg() {
        double[] xs = points.stream().mapToDouble(Point::x).toArray();
        double[] ys = points.stream().mapToDouble(Point::y).toArray();
        Axis x = Axis.of(xs, LEFT, WIDTH - MARGIN);
        Axis y = Axis.of(ys, HEIGHT - BOTTOM, MARGIN);
        StringBuilder svg = new StringBuilder("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">");
        for (int tick = 0; tick <= TICKS; tick++) {
            double share = (double) tick / TICKS;
            add(
                    svg,
                    "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#d0d7de'/>",
                    LEFT,
                    y.at(y.value(share)),
                    WIDTH - MARGIN,
                    y.at(y.value(share)));
            add(
                    svg,
                    "<text x='%d' y='%.1f' text-anchor='end'>%.3g</text>",
                    LEFT - 6,
                    y.at(y.value(share)) + 4,
                    y.value(share));
            add(
                    svg,
                    "<text x='%.1f' y='%d' text-anchor='middle'>%.3g</text>",
                    x.at(x.value(share)),
                    HEIGHT - BOTTOM + 16,
                    x.value(share));
        }
        add(svg, "<text x='%d' y='%d' text-anchor='middle'>%s</text>", WIDTH / 2, HEIGHT - 8, xLabel);
        add(svg, "<text transform='translate(14 %d) rotate(-90)' text-anchor='middle'>%s</text>", HEIGHT / 2, yLabel);
        for (Point point : points) {
            add(
                    svg,
                    "<circle cx='%.1f' cy='%.1f' r='5' fill='%s' fill-opacity='.75'><title>%s</title></circle>",
                    x.at(point.x),
                    y.at(point.y),
                    Double.isNaN(point.shade)
                            ? "#8c959f"
                            : String.format(Locale.ROOT, "hsl(%.0f 80%% 45%%)", 240 * (1 - point.shade)),
                    escape(point.name));
        }
        return svg.append("</svg>").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }

    /** From values to pixels. */
    private record Axis(double low, double high, double start, double end) {
        static Axis of(double[] values, double start, double end) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double value : values) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
            double margin = Math.max(0.05 * (high - low), 1e-9);
            return new Axis(low - margin, high + margin, start, end);
        }

        double value(double share) {
            return low + share * (high - low);
        }

        double at(double value) {
            return start + (value - low) / (high - low) * (end - start);
        }
    }
}
