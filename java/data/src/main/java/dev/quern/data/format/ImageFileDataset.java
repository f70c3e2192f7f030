package dev.quern.data.format;

import dev.quern.data.ImageDataset;
import dev.quern.data.image.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Image files of one shape, held in memory or decoded when they are read. */
final class ImageFileDataset implements ImageDataset {
    private final String name;
    private final List<ImageFiles.Entry> entries;
    private final List<String> classNames;
    private final ImageShape shape;
    private final byte[][] images;

    /** @param images [N] decoded, or null: decoded when read */
    ImageFileDataset(
            String name, List<ImageFiles.Entry> entries, List<String> classNames, ImageShape shape, byte[][] images) {
        this.name = name;
        this.entries = List.copyOf(entries);
        this.classNames = List.copyOf(classNames);
        this.shape = shape;
        this.images = images;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public int height() {
        return shape.height();
    }

    @Override
    public int width() {
        return shape.width();
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return entries.get(index).label();
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return Optional.empty();
    }

    @Override
    public String sampleName(int index) {
        return entries.get(index).file().toString();
    }

    @Override
    public void read(int index, ByteBuffer target) throws IOException {
        target.put(images != null ? images[index] : ImageFiles.decode(entries.get(index), shape));
    }
}
