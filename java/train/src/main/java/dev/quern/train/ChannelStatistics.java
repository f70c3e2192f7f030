package dev.quern.train;

import dev.quern.data.ImageDataset;
import dev.quern.kernels.FusedAugment.Normalization;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Means and standard deviations of the colour channels, in the units of pixels divided by 255. */
public final class ChannelStatistics {
    private static final int CHANNELS = 3;
    /** Images looked at; the error of a mean over so many is far below one grey level. */
    private static final int SAMPLE = 10_000;

    private ChannelStatistics() {}

    /** Statistics over at most {@value #SAMPLE} images, evenly spread over the data set. */
    public static Normalization of(ImageDataset data) throws IOException {
        int images = Math.min(SAMPLE, data.size());
        ByteBuffer pixels = ByteBuffer.allocate(data.imageBytes());
        long[] sums = new long[CHANNELS];
        long[] squares = new long[CHANNELS];
        for (int i = 0; i < images; i++) {
            pixels.clear();
            data.read((int) ((long) i * data.size() / images), pixels);
            byte[] values = pixels.array();
            for (int at = 0; at < values.length; at++) {
                int value = values[at] & 0xFF;
                sums[at % CHANNELS] += value;
                squares[at % CHANNELS] += (long) value * value;
            }
        }
        return normalization(sums, squares, (double) images * data.height() * data.width());
    }

    private static Normalization normalization(long[] sums, long[] squares, double count) {
        float[] mean = new float[CHANNELS];
        float[] std = new float[CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            double average = sums[channel] / count;
            double variance = squares[channel] / count - average * average;
            mean[channel] = (float) (average / 255);
            // A channel that never changes carries nothing: dividing it by one grey level keeps it finite.
            std[channel] = (float) (Math.sqrt(Math.max(variance, 1)) / 255);
        }
        return new Normalization(mean, std);
    }
}
