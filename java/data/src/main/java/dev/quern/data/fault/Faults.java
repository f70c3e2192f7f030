package dev.quern.data.fault;

import dev.quern.data.ImageDataset;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.util.Optional;

/**
 * What is wrong with a training set on purpose, to see which samples a selection keeps: labels from a file, then label noise, then corrupted
 * images.
 */
@RecordBuilder
public record Faults(Optional<LabelFile> labels, LabelNoise noise, Corruption corruption)
        implements FaultsBuilder.With {
    public static final Faults NONE = new Faults(Optional.empty(), LabelNoise.NONE, Corruption.NONE);

    public Faults withLabels(LabelFile labels) {
        return withLabels(Optional.of(labels));
    }

    /**
     * The data with all of them, the same for the same seed.
     *
     * @throws IOException if the label file cannot be read or does not fit
     */
    public ImageDataset of(ImageDataset data, long seed) throws IOException {
        ImageDataset labelled = labels.isPresent() ? labels.get().of(data) : data;
        return corruption.of(noise.of(labelled, seed), seed);
    }
}
