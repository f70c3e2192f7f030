package dev.quern.augment.step;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/**
 * Pillow's affine transforms where the native kernel has none: any background, any number of channels, and bicubic. A map (a, b, c, d, e, f)
 * takes the centre of an output pixel to a·x + b·y + c, d·x + e·y + f of the image.
 */
public final class PillowAffine {
    private static final int TAPS = 4;

    private PillowAffine() {}

    /** Rotation about the centre, degrees counter-clockwise. */
    public static double[] rotation(double degrees, int height, int width) {
        double turn = degrees % 360;
        double radians = -Math.toRadians(turn < 0 ? turn + 360 : turn);
        double cosine = rounded(StrictMath.cos(radians));
        double sine = rounded(StrictMath.sin(radians));
        double x = width / 2.0;
        double y = height / 2.0;
        double c = cosine * -x + sine * -y + x;
        double f = -sine * -x + cosine * -y + y;
        return new double[] {cosine, sine, c, -sine, cosine, f};
    }

    private static double rounded(double value) {
        return new BigDecimal(value).setScale(15, RoundingMode.HALF_EVEN).doubleValue();
    }

    /** Nearest neighbour: translations in steps of doubles, everything else in 16.16 fixed point; for sides below 16,384. */
    public static byte[] nearest(byte[] image, int channels, int height, int width, double[] m, int background) {
        byte[] out = new byte[image.length];
        Arrays.fill(out, (byte) background);
        boolean separable = m[1] == 0 && m[3] == 0;
        long stepU = fixed(m[0]);
        long stepV = fixed(m[3]);
        for (int y = 0; y < height; y++) {
            double rowU = m[2] + m[0] * 0.5 + m[1] * 0.5;
            double rowV = m[5] + m[3] * 0.5 + m[4] * 0.5;
            long u = fixed(rowU) + y * fixed(m[1]);
            long v = fixed(rowV) + y * fixed(m[4]);
            for (int x = 0; x < width; x++, u += stepU, v += stepV) {
                long column = separable ? index(m[2] + m[0] * 0.5 + x * m[0]) : u >> 16;
                long row = separable ? index(m[5] + m[4] * 0.5 + y * m[4]) : v >> 16;
                if (row >= 0 && row < height && column >= 0 && column < width) {
                    int from = (int) (row * width + column) * channels;
                    int to = (y * width + x) * channels;
                    for (int channel = 0; channel < channels; channel++) {
                        out[to + channel] = image[from + channel];
                    }
                }
            }
        }
        return out;
    }

    private static long fixed(double value) {
        return (long) Math.floor(value * 65_536 + 0.5);
    }

    private static long index(double value) {
        return value < 0 ? -1 : (long) value;
    }

    /** Bicubic with a = −1, horizontal first, truncated. */
    public static byte[] bicubic(byte[] image, int channels, int height, int width, double[] m, int background) {
        byte[] out = new byte[image.length];
        Arrays.fill(out, (byte) background);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double u = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
                double v = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
                if (u >= 0 && u < width && v >= 0 && v < height) {
                    for (int channel = 0; channel < channels; channel++) {
                        double value = bicubicAt(image, channels, height, width, u - 0.5, v - 0.5, channel);
                        int at = (y * width + x) * channels + channel;
                        out[at] = (byte) (value <= 0 ? 0 : value >= 255 ? 255 : (int) value);
                    }
                }
            }
        }
        return out;
    }

    /** Columns and the first row are clamped; a later row outside the image repeats the one before it. */
    private static double bicubicAt(
            byte[] image, int channels, int height, int width, double u, double v, int channel) {
        int left = (int) Math.floor(u) - 1;
        int top = (int) Math.floor(v) - 1;
        double[] rows = new double[TAPS];
        double[] taps = new double[TAPS];
        for (int i = 0; i < TAPS; i++) {
            int row = top + i;
            if (i > 0 && (row < 0 || row >= height)) {
                rows[i] = rows[i - 1];
                continue;
            }
            for (int k = 0; k < TAPS; k++) {
                int at = clamp(row, height) * width + clamp(left + k, width);
                taps[k] = image[at * channels + channel] & 0xFF;
            }
            rows[i] = cubic(taps, u - Math.floor(u));
        }
        return cubic(rows, v - Math.floor(v));
    }

    private static int clamp(int value, int size) {
        return Math.max(0, Math.min(value, size - 1));
    }

    private static double cubic(double[] v, double d) {
        double p2 = -v[0] + v[2];
        double p3 = 2 * (v[0] - v[1]) + v[2] - v[3];
        double p4 = -v[0] + v[1] - v[2] + v[3];
        return v[1] + d * (p2 + d * (p3 + d * p4));
    }
}
