package dev.quern.data;

/**
 * Resizes with a filter that is widened when shrinking, so that every source pixel counts; columns first, then rows, rounded to 8 bits in
 * between. The arithmetic is that of Pillow's {@code resize}.
 */
final class PillowResize {
    /** Bits of the fixed-point weights: 32 less 8 for the sample and 2 for headroom. */
    private static final int PRECISION = 22;

    private PillowResize() {}

    /** How much a pixel at a distance counts. */
    enum Filter {
        BILINEAR(1) {
            @Override
            double at(double distance) {
                return Math.max(0, 1 - distance);
            }
        },
        /** Of Keys (1981) with a = −0.5. */
        BICUBIC(2) {
            @Override
            double at(double distance) {
                if (distance < 1) {
                    return (1.5 * distance - 2.5) * distance * distance + 1;
                }
                return distance < 2 ? ((-0.5 * distance + 2.5) * distance - 4) * distance + 2 : 0;
            }
        };

        private final double support;

        Filter(double support) {
            this.support = support;
        }

        /** @param distance ≥ 0, in pixels of the coarser image */
        abstract double at(double distance);
    }

    static RgbImage resize(RgbImage image, int height, int width, Filter filter) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        byte[] columns = image.pixels();
        if (image.width() != width) {
            columns = resizeAxis(columns, image.height(), image.width(), width, 3, filter);
        }
        byte[] pixels = columns;
        if (image.height() != height) {
            pixels = resizeAxis(columns, 1, image.height(), height, width * 3, filter);
        }
        return new RgbImage(pixels, height, width);
    }

    /** [outer,in,inner] to [outer,out,inner]. */
    private static byte[] resizeAxis(byte[] source, int outer, int in, int out, int inner, Filter filter) {
        byte[] target = new byte[outer * out * inner];
        double scale = (double) in / out;
        double coarser = Math.max(scale, 1);
        double reach = filter.support * coarser;
        for (int place = 0; place < out; place++) {
            double center = (place + 0.5) * scale;
            int first = Math.max(0, (int) (center - reach + 0.5));
            int last = Math.min(in, (int) (center + reach + 0.5));
            int[] weights = weights(filter, center, coarser, first, last);
            for (int row = 0; row < outer; row++) {
                for (int k = 0; k < inner; k++) {
                    int sum = 1 << PRECISION - 1;
                    for (int tap = 0; tap < weights.length; tap++) {
                        sum += weights[tap] * (source[(row * in + first + tap) * inner + k] & 0xFF);
                    }
                    int rounded = sum >> PRECISION;
                    target[(row * out + place) * inner + k] = (byte) Math.min(Math.max(rounded, 0), 255);
                }
            }
        }
        return target;
    }

    private static int[] weights(Filter filter, double center, double coarser, int first, int last) {
        double[] exact = new double[last - first];
        double total = 0;
        for (int tap = 0; tap < exact.length; tap++) {
            exact[tap] = filter.at(Math.abs((first + tap - center + 0.5) / coarser));
            total += exact[tap];
        }
        int[] fixed = new int[exact.length];
        for (int tap = 0; tap < fixed.length; tap++) {
            double scaled = exact[tap] / total * (1 << PRECISION);
            fixed[tap] = (int) (scaled + Math.copySign(0.5, scaled));
        }
        return fixed;
    }
}
