package dev.quern.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Another data set's images under labels of their own; a label that differs from the other's, or is known to be wrong there, is wrong. */
public final class RelabelledDataset implements ImageDataset {
    private final ImageDataset original;
    private final int[] labels;
    private final BitSet wrong = new BitSet();

    /** @param labels [size] of {@code original}'s classes */
    public RelabelledDataset(ImageDataset original, int[] labels) {
        if (labels.length != original.size()) {
            throw new IllegalArgumentException(
                    "labels has " + labels.length + " entries, allowed: " + original.size() + ", one per image");
        }
        original.knownWrongLabels().ifPresent(wrong::or);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= original.classNames().size()) {
                throw new IllegalArgumentException("labels[" + i + "] is " + labels[i] + ", allowed: 0 … "
                        + (original.classNames().size() - 1));
            }
            if (labels[i] != original.label(i)) {
                wrong.set(i);
            }
        }
        this.original = original;
        this.labels = labels.clone();
    }

    @Override
    public String name() {
        return original.name();
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int height() {
        return original.height();
    }

    @Override
    public int width() {
        return original.width();
    }

    @Override
    public List<String> classNames() {
        return original.classNames();
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return Optional.of((BitSet) wrong.clone());
    }

    @Override
    public Optional<BitSet> knownCorruptions() {
        return original.knownCorruptions();
    }

    @Override
    public String sampleName(int index) {
        return original.sampleName(index);
    }

    @Override
    public void read(int index, ByteBuffer target) throws IOException {
        original.read(index, target);
    }
}
