package dev.quern.select.sampling;

import dev.quern.select.Ratio;
import java.util.stream.IntStream;

/** Every sample in every epoch. */
public final class FullData implements EpochSelection {
    private final int samples;

    public FullData(int samples) {
        this.samples = Ratio.count(samples, 1);
    }

    @Override
    public String name() {
        return "full";
    }

    @Override
    public int[] select(int epoch) {
        return IntStream.range(0, samples).toArray();
    }
}
