package dev.quern.data;

import dev.quern.io.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** A data set whose images are held on the heap. Immutable. */
public final class InMemoryDataset implements ImageDataset {
    private final String name;
    private final int height;
    private final int width;
    private final List<String> classNames;
    private final int[] labels;
    private final byte[][] images;
    private final BitSet wrongLabels;

    /**
     * @param labels [N], each a place in {@code classNames}
     * @param images [N], each height·width·3 bytes; not copied
     * @param wrongLabels where the label is known to be wrong; null if nothing is known
     */
    public InMemoryDataset(
            String name,
            int height,
            int width,
            List<String> classNames,
            int[] labels,
            byte[][] images,
            BitSet wrongLabels) {
        if (labels.length != images.length) {
            throw new IllegalArgumentException("labels has " + labels.length + " entries, images " + images.length);
        }
        int bytes = Math.multiplyExact(Math.multiplyExact(height, width), 3);
        for (int i = 0; i < images.length; i++) {
            if (images[i].length != bytes) {
                throw new IllegalArgumentException(
                        "images[" + i + "] has " + images[i].length + " bytes, allowed: " + bytes);
            }
            if (labels[i] < 0 || labels[i] >= classNames.size()) {
                throw new IllegalArgumentException(
                        "labels[" + i + "] is " + labels[i] + ", allowed: 0 … " + (classNames.size() - 1));
            }
        }
        this.name = name;
        this.height = height;
        this.width = width;
        this.classNames = List.copyOf(classNames);
        this.labels = labels.clone();
        this.images = images.clone();
        this.wrongLabels = wrongLabels == null ? null : (BitSet) wrongLabels.clone();
    }

    /**
     * Refuses images that would not fit, before they are allocated.
     *
     * @throws IOException naming the data, the bytes and what is allowed
     */
    public static void requireFits(String name, long images, long height, long width) throws IOException {
        long allowed =
                Math.min(Limits.DATASET_MEMORY_BYTES, Runtime.getRuntime().maxMemory());
        long perImage = height * width * 3;
        if (images > Limits.DATASET_IMAGES || perImage > 0 && images > allowed / perImage) {
            throw new IOException(name + ": " + images + " images of " + height + "×" + width + " are more than "
                    + allowed + " bytes (limit " + Limits.DATASET_MEMORY_BYTES + ", heap "
                    + Runtime.getRuntime().maxMemory() + ")");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return Optional.ofNullable(wrongLabels).map(known -> (BitSet) known.clone());
    }

    @Override
    public void read(int index, ByteBuffer target) {
        target.put(images[index]);
    }
}
