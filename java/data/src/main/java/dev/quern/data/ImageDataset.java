package dev.quern.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** A labelled image set; every image is uint8 RGB of one shape. Thread-safe. */
public interface ImageDataset {
    String name();

    /** Number of images. */
    int size();

    /** Rows of every image. */
    int height();

    /** Columns of every image. */
    int width();

    /** Names of the classes; a label is a place in this list. */
    List<String> classNames();

    /** The given label of an image, 0 … {@code classNames().size()} − 1; it may be wrong. */
    int label(int index);

    /** Set where the given label is known to be wrong; empty if nothing is known. */
    Optional<BitSet> knownWrongLabels();

    /** Set where the image is known to be corrupted; empty if nothing is known. */
    default Optional<BitSet> knownCorruptions() {
        return Optional.empty();
    }

    /** What a message calls an image: a file where there is one. */
    default String sampleName(int index) {
        return name() + " #" + index;
    }

    /** Bytes of one image, height·width·3. */
    default int imageBytes() {
        return height() * width() * 3;
    }

    /**
     * Writes one image as [height,width,3] at the target's position and moves the position behind it.
     *
     * @throws IOException naming the file, if the image cannot be read
     */
    void read(int index, ByteBuffer target) throws IOException;
}
