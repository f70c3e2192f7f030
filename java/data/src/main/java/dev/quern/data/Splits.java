package dev.quern.data;

import java.util.Optional;

/**
 * The parts of a data set, which have the same image shape.
 *
 * @param train images to learn from
 * @param test images of the same classes
 * @param open images of none of these classes, where there are any; their labels mean nothing
 */
public record Splits(ImageDataset train, ImageDataset test, Optional<ImageDataset> open) {
    /** A data set whose images are all of known classes. */
    public Splits(ImageDataset train, ImageDataset test) {
        this(train, test, Optional.empty());
    }
}
