package dev.quern.data.fault;

import dev.quern.data.fault.Corruption.Mode;
import dev.quern.data.image.PillowResize;
import dev.quern.data.image.RgbImage;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.util.ArrayList;
import java.util.List;

/** The five corruptions of the robustness protocol of Moderate-DS (Xia et al. 2023), on uint8 images of any size. */
public enum CorruptionKind {
    /** Grey of 0.5 that shows more the nearer a pixel is to the centre, as exp(−0.4·depth) says. */
    FOG {
        @Override
        RgbImage apply(RgbImage image, Mode mode, long seed, int sample) {
            byte[] pixels = image.pixels().clone();
            double deepest = Math.sqrt(Math.max(image.height(), image.width()));
            for (int i = 0; i < pixels.length; i++) {
                double down = i / 3 / image.width() - image.height() / 2.0;
                double right = i / 3 % image.width() - image.width() / 2.0;
                double depth = deepest - 0.04 * Math.sqrt(down * down + right * right);
                double transmission = StrictMath.exp(-0.4 * depth);
                double value = (pixels[i] & 0xFF) / 255.0 * transmission + 0.5 * (1 - transmission);
                pixels[i] = mode == Mode.CLEAN ? unit(value) : (byte) value;
            }
            return new RgbImage(pixels, image.height(), image.width());
        }
    },
    /** Adds a normal variable of mean 0.2 and deviation 1 to every channel, where white is 1. */
    GAUSSIAN_NOISE {
        @Override
        RgbImage apply(RgbImage image, Mode mode, long seed, int sample) {
            byte[] pixels = image.pixels().clone();
            for (int i = 0; i < pixels.length; i++) {
                double noise = 0.2 + Philox.normal(seed, i, sample, Slot.CORRUPTION_NOISE);
                double value = (pixels[i] & 0xFF) / 255.0 + noise;
                pixels[i] = mode == Mode.CLEAN ? unit(value) : (byte) (int) (255 * Math.min(Math.max(value, -1), 1));
            }
            return new RgbImage(pixels, image.height(), image.width());
        }
    },
    /** A diagonal of 15 pixels, turned by 45°, over the image reflected at its borders; then stretched to 0 … 255. One value becomes black. */
    MOTION_BLUR {
        @Override
        RgbImage apply(RgbImage image, Mode mode, long seed, int sample) {
            int height = image.height();
            int width = image.width();
            int[] blurred = new int[image.pixels().length];
            int least = 255;
            int most = 0;
            for (int i = 0; i < blurred.length; i++) {
                double sum = 0;
                for (Tap tap : MOTION) {
                    int y = reflected(i / 3 / width + tap.down, height);
                    int x = reflected(i / 3 % width + tap.right, width);
                    sum += tap.weight * (image.pixels()[(y * width + x) * 3 + i % 3] & 0xFF);
                }
                blurred[i] = (int) Math.rint(sum);
                least = Math.min(least, blurred[i]);
                most = Math.max(most, blurred[i]);
            }
            double scale = most > least ? 255.0 / (most - least) : 0;
            byte[] pixels = new byte[blurred.length];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (int) Math.rint(scale * (blurred[i] - least));
            }
            return new RgbImage(pixels, height, width);
        }
    },
    /** A black rectangle at a fixed place: pixels 5 … 20 of 32, 5 … 45 of 64, and in proportion to 64 of other sides. */
    OCCLUSION {
        @Override
        RgbImage apply(RgbImage image, Mode mode, long seed, int sample) {
            byte[] pixels = image.pixels().clone();
            for (int i = 0; i < pixels.length; i++) {
                if (covered(i / 3 / image.width(), image.height()) && covered(i / 3 % image.width(), image.width())) {
                    pixels[i] = 0;
                }
            }
            return new RgbImage(pixels, image.height(), image.width());
        }
    },
    /** A quarter of the side and back, bicubic as Pillow has it. */
    RESOLUTION {
        @Override
        RgbImage apply(RgbImage image, Mode mode, long seed, int sample) {
            int height = Math.max(1, image.height() / 4);
            int width = Math.max(1, image.width() / 4);
            RgbImage small = PillowResize.resize(image, height, width, PillowResize.Filter.BICUBIC);
            return PillowResize.resize(small, image.height(), image.width(), PillowResize.Filter.BICUBIC);
        }
    };

    private static final List<Tap> MOTION = motion();

    private record Tap(int down, int right, double weight) {}

    /** A new image; chance depends on seed and sample alone. */
    abstract RgbImage apply(RgbImage image, Mode mode, long seed, int sample);

    private static byte unit(double value) {
        return (byte) (int) Math.rint(255 * Math.min(Math.max(value, 0), 1));
    }

    private static boolean covered(int place, int side) {
        return side == 32 ? place >= 5 && place <= 20 : place >= 5 * side / 64 && place <= 45 * side / 64;
    }

    /** Without the border's pixel twice: −1 is 1. */
    private static int reflected(int place, int side) {
        int period = Math.max(1, 2 * side - 2);
        int folded = Math.floorMod(place, period);
        return Math.min(folded, period - folded) % side;
    }

    /** The diagonal of a 15×15 matrix turned about (7.5, 7.5), over 15; bilinear between places to 1/32, as OpenCV rounds them. */
    private static List<Tap> motion() {
        int size = 15;
        double turn = Math.sqrt(0.5);
        List<Tap> taps = new ArrayList<>();
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double fromX = Math.rint(32 * (turn * (x - y) + 7.5)) / 32;
                double fromY = Math.rint(32 * (turn * (x + y - 15) + 7.5)) / 32;
                double weight = 0;
                for (int place = 0; place < size; place++) {
                    weight += Math.max(0, 1 - Math.abs(fromX - place)) * Math.max(0, 1 - Math.abs(fromY - place));
                }
                if (weight > 0) {
                    taps.add(new Tap(y - size / 2, x - size / 2, weight / size));
                }
            }
        }
        return taps;
    }
}
