package dev.quern.data;

/**
 * Resizes with the triangle filter, widened when shrinking so that every source pixel counts; columns first, then rows, rounded to 8 bits
 * in between. The arithmetic is that of Pillow's {@code resize(…, BILINEAR)}.
 */
final class BilinearResize {
    /** Bits of the fixed-point weights: 32 less 8 for the sample and 2 for headroom. */
    private static final int PRECISION = 22;

    private BilinearResize() {}

    static RgbImage resize(RgbImage image, int height, int width) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        byte[] columns = image.pixels();
        if (image.width() != width) {
            columns = resizeAxis(columns, image.height(), image.width(), width, 3);
        }
        byte[] pixels = columns;
        if (image.height() != height) {
            pixels = resizeAxis(columns, 1, image.height(), height, width * 3);
        }
        return new RgbImage(pixels, height, width);
    }

    /** [outer,in,inner] to [outer,out,inner]. */
    private static byte[] resizeAxis(byte[] source, int outer, int in, int out, int inner) {
        byte[] target = new byte[outer * out * inner];
        double scale = (double) in / out;
        double reach = Math.max(scale, 1);
        for (int place = 0; place < out; place++) {
            double center = (place + 0.5) * scale;
            int first = Math.max(0, (int) (center - reach + 0.5));
            int last = Math.min(in, (int) (center + reach + 0.5));
            int[] weights = weights(center, reach, first, last);
            for (int row = 0; row < outer; row++) {
                for (int k = 0; k < inner; k++) {
                    int sum = 1 << PRECISION - 1;
                    for (int tap = 0; tap < weights.length; tap++) {
                        sum += weights[tap] * (source[(row * in + first + tap) * inner + k] & 0xFF);
                    }
                    target[(row * out + place) * inner + k] = (byte) (sum >> PRECISION);
                }
            }
        }
        return target;
    }

    private static int[] weights(double center, double reach, int first, int last) {
        double[] triangle = new double[last - first];
        double total = 0;
        for (int tap = 0; tap < triangle.length; tap++) {
            triangle[tap] = Math.max(0, 1 - Math.abs((first + tap - center + 0.5) / reach));
            total += triangle[tap];
        }
        int[] fixed = new int[triangle.length];
        for (int tap = 0; tap < fixed.length; tap++) {
            fixed[tap] = (int) (triangle[tap] / total * (1 << PRECISION) + 0.5);
        }
        return fixed;
    }
}
