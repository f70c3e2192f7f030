package dev.quern.data.image;

/**
 * Resizes images of one size to another as Pillow's {@code resize} does, to the bit: the filter is widened when shrinking so that every source
 * pixel counts; columns first, then rows, rounded to 8 bits in between. Weights are computed once. Immutable and thread-safe.
 */
public final class PillowResize {
    /** Bits of the fixed-point weights: 32 less 8 for the sample and 2 for headroom. */
    private static final int PRECISION = 22;

    private final Axis columns;
    private final Axis rows;

    /** How pixels are weighted. */
    public enum Filter {
        /** The triangle. */
        BILINEAR(1) {
            @Override
            double at(double x) {
                return Math.max(0, 1 - x);
            }
        },
        /** The cubic of Keys (1981) with a = −½. */
        BICUBIC(2) {
            @Override
            double at(double x) {
                if (x < 1) {
                    return ((A + 2) * x - (A + 3)) * x * x + 1;
                }
                return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
            }
        };

        private static final double A = -0.5;

        /** Where it ends, in pixels. */
        private final double support;

        Filter(double support) {
            this.support = support;
        }

        /** Its value at a distance x ≥ 0. */
        abstract double at(double x);
    }

    PillowResize(int fromHeight, int fromWidth, int height, int width, Filter filter) {
        columns = Axis.of(fromWidth, width, filter);
        rows = Axis.of(fromHeight, height, filter);
    }

    /** The image in another size. */
    public static RgbImage resize(RgbImage image, int height, int width, Filter filter) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        byte[] pixels = new PillowResize(image.height(), image.width(), height, width, filter).apply(image.pixels());
        return new RgbImage(pixels, height, width);
    }

    /** [fromHeight,fromWidth,3] to [height,width,3]; the same array where nothing changes. */
    byte[] apply(byte[] pixels) {
        return rows.apply(columns.apply(pixels, rows.in, 3), 1, columns.out * 3);
    }

    /**
     * One direction.
     *
     * @param first source place of the first weight of each output place
     * @param weights of each output place, summing to 2^{@value #PRECISION} up to rounding
     */
    private record Axis(int in, int out, int[] first, int[][] weights) {
        static Axis of(int in, int out, Filter filter) {
            double scale = (double) in / out;
            double stretch = Math.max(scale, 1);
            double reach = filter.support * stretch;
            int[] first = new int[out];
            int[][] weights = new int[out][];
            for (int place = 0; place < out; place++) {
                double center = (place + 0.5) * scale;
                first[place] = Math.max(0, (int) (center - reach + 0.5));
                int last = Math.min(in, (int) (center + reach + 0.5));
                double[] exact = new double[last - first[place]];
                double total = 0;
                for (int tap = 0; tap < exact.length; tap++) {
                    exact[tap] = filter.at(Math.abs((first[place] + tap - center + 0.5) * (1 / stretch)));
                    total += exact[tap];
                }
                weights[place] = new int[exact.length];
                for (int tap = 0; tap < exact.length; tap++) {
                    double fixed = exact[tap] / total * (1 << PRECISION);
                    weights[place][tap] = (int) (fixed + Math.copySign(0.5, fixed));
                }
            }
            return new Axis(in, out, first, weights);
        }

        /** [outer,in,inner] to [outer,out,inner]. */
        byte[] apply(byte[] source, int outer, int inner) {
            if (in == out) {
                return source;
            }
            byte[] target = new byte[outer * out * inner];
            for (int row = 0; row < outer; row++) {
                for (int place = 0; place < out; place++) {
                    int[] taps = weights[place];
                    int from = (row * in + first[place]) * inner;
                    int to = (row * out + place) * inner;
                    for (int k = 0; k < inner; k++) {
                        int sum = 1 << PRECISION - 1;
                        for (int tap = 0; tap < taps.length; tap++) {
                            sum += taps[tap] * (source[from + tap * inner + k] & 0xFF);
                        }
                        target[to + k] = (byte) Math.max(0, Math.min(255, sum >> PRECISION));
                    }
                }
            }
            return target;
        }
    }
}
