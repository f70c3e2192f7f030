package dev.quern.data.format;

import dev.quern.random.Philox;
import dev.quern.random.Slot;

/**
 * Paints one image of {@link ShapesDataset}. Easy images are near copies of a few prototypes per class; hard ones choose their pose and colours
 * freely and have one handicap.
 */
final class ShapePainter {
    /** What makes an image hard. */
    private enum Handicap {
        NONE,
        FAINT,
        CLUTTER,
        SMALL,
        COVERED
    }

    private static final int SIDE = ShapesDataset.SIDE;
    private static final int PROTOTYPES = 12;
    /** Draws that share a key with the two parts of the data set. */
    private static final int PROTOTYPE_PART = 2;

    private static final int FIRST_SLOT = Slot.SHAPES + 2;
    private static final int CLUTTER_BLOBS = 5;
    /** Least distance of shape and background, in levels of luminance, and the most by which it is drawn above it. */
    private static final double CONTRAST = 80;

    private final long seed;
    private final int part;
    private final long sample;
    private final double hardShare;
    private final double[] canvas = new double[SIDE * SIDE * 3];

    private long keyPart;
    private long keySample;
    private int slot;

    ShapePainter(long seed, int part, int sample, double hardShare) {
        this.seed = seed;
        this.part = part;
        this.sample = sample;
        this.hardShare = hardShare;
    }

    /** uint8 [32,32,3]. */
    byte[] paint(Shape shape) {
        draw(part, sample);
        boolean hard = uniform(0, 1) < hardShare;
        Handicap handicap = hard ? Handicap.values()[1 + (int) uniform(0, 4)] : Handicap.NONE;
        double shiftX = uniform(-1.5, 1.5);
        double shiftY = uniform(-1.5, 1.5);
        if (!hard) {
            int prototype = (int) uniform(0, PROTOTYPES);
            draw(PROTOTYPE_PART, (long) shape.ordinal() * PROTOTYPES + prototype);
        }
        double radius = handicap == Handicap.SMALL ? uniform(3.5, 5) : uniform(8, 12);
        double room = SIDE / 2.0 - Math.min(radius, SIDE / 2.0 - 4);
        double centreX = SIDE / 2.0 + uniform(-room, room) + shiftX;
        double centreY = SIDE / 2.0 + uniform(-room, room) + shiftY;
        double angle = uniform(-Math.PI, Math.PI) * (hard ? 1 : 0.15);
        double[] background = {uniform(30, 225), uniform(30, 225), uniform(30, 225)};
        double[] foreground =
                foreground(background, handicap == Handicap.FAINT ? uniform(14, 22) : uniform(CONTRAST, 2 * CONTRAST));
        background(background, uniform(-25, 25), uniform(-25, 25));
        draw(part + PROTOTYPE_PART + 1, sample);
        if (handicap == Handicap.CLUTTER) {
            clutter(centreX, centreY);
        }
        paint(shape, centreX, centreY, radius, angle, foreground);
        if (handicap == Handicap.COVERED) {
            cover(centreX, centreY, radius);
        }
        return quantise(handicap == Handicap.FAINT ? 3 : 6);
    }

    /** Draws from here on belong to this key. */
    private void draw(long part, long sample) {
        keyPart = part;
        keySample = sample;
        slot = FIRST_SLOT;
    }

    private double uniform(double low, double high) {
        return low + (high - low) * Philox.uniform(seed, keyPart, keySample, slot++);
    }

    /** A colour whose mean differs from the background's by {@code contrast}, to the side where there is room. */
    private double[] foreground(double[] background, double contrast) {
        double mean = (background[0] + background[1] + background[2]) / 3;
        double target = mean < 127.5 ? mean + contrast : mean - contrast;
        double tint = Math.min(contrast, 60);
        double red = uniform(-tint, tint);
        double blue = uniform(-tint, tint);
        if (contrast < CONTRAST) {
            double shift = target - mean;
            return new double[] {
                background[0] + shift + red / 4, background[1] + shift, background[2] + shift + blue / 4
            };
        }
        return new double[] {target + red, target - (red + blue) / 2, target + blue};
    }

    private void background(double[] colour, double slopeX, double slopeY) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double slope = slopeX * (x - SIDE / 2.0) / SIDE + slopeY * (y - SIDE / 2.0) / SIDE;
                for (int channel = 0; channel < 3; channel++) {
                    canvas[(y * SIDE + x) * 3 + channel] = colour[channel] + slope;
                }
            }
        }
    }

    private void paint(Shape shape, double centreX, double centreY, double radius, double angle, double[] colour) {
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double dx = (x + 0.5 - centreX) / radius;
                double dy = (y + 0.5 - centreY) / radius;
                double distance = shape.distance(cos * dx + sin * dy, cos * dy - sin * dx);
                blend(x, y, 0.5 - distance * radius, colour);
            }
        }
    }

    private void blend(int x, int y, double coverage, double[] colour) {
        double share = Math.min(1, Math.max(0, coverage));
        for (int channel = 0; channel < 3; channel++) {
            int at = (y * SIDE + x) * 3 + channel;
            canvas[at] += share * (colour[channel] - canvas[at]);
        }
    }

    /** Small discs around the shape, which is painted over them. */
    private void clutter(double centreX, double centreY) {
        for (int blob = 0; blob < CLUTTER_BLOBS; blob++) {
            double radius = uniform(2, 4);
            double x = centreX + uniform(-14, 14);
            double y = centreY + uniform(-14, 14);
            double[] colour = {40.0 * blob + 30, 215 - 40.0 * blob, 70 + 60.0 * (blob % 3)};
            paint(Shape.DISC, x, y, radius, 0, colour);
        }
    }

    /** A bar over about a third of the shape. */
    private void cover(double centreX, double centreY, double radius) {
        double angle = uniform(-Math.PI, Math.PI);
        double[] colour = {uniform(30, 225), uniform(30, 225), uniform(30, 225)};
        double offset = radius * uniform(0.75, 0.95);
        double x = centreX + offset * StrictMath.cos(angle);
        double y = centreY + offset * StrictMath.sin(angle);
        paint(Shape.SQUARE, x, y, radius, angle, colour);
    }

    /** Adds noise of standard deviation {@code sigma} and rounds. */
    private byte[] quantise(double sigma) {
        long state = Philox.bits(seed, part, sample, Slot.SHAPES + 31);
        byte[] image = new byte[canvas.length];
        for (int i = 0; i < image.length; i++) {
            state += 0x9E3779B97F4A7C15L;
            double value = canvas[i] + sigma * normal(state);
            image[i] = (byte) Math.min(255, Math.max(0, Math.rint(value)));
        }
        return image;
    }

    /** Nearly normal: the sum of the eight bytes of a SplitMix64 output (Steele et al. 2014), standardised. */
    private static double normal(long state) {
        long bits = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
        bits ^= bits >>> 31;
        long pairs = (bits & 0x00FF00FF00FF00FFL) + (bits >>> 8 & 0x00FF00FF00FF00FFL);
        long sum = (pairs * 0x0001000100010001L) >>> 48;
        return (sum - 1020) / 209.0;
    }
}
