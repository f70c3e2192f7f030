package dev.quern.data;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Some samples of another data set, in a given order; samples are renumbered from 0. */
public final class SubsetDataset implements ImageDataset {
    private final String name;
    private final ImageDataset whole;
    private final int[] indices;

    /** @param indices samples of {@code whole} */
    public SubsetDataset(String name, ImageDataset whole, int[] indices) {
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= whole.size()) {
                throw new IllegalArgumentException(
                        "indices[" + i + "] is " + indices[i] + ", allowed: 0 … " + (whole.size() - 1));
            }
        }
        this.name = name;
        this.whole = whole;
        this.indices = indices.clone();
    }

    /**
     * Holds out a random share for testing; the same samples for the same seed, size and share.
     *
     * @throws IOException if there are fewer than two samples
     */
    public static Splits holdOut(ImageDataset whole, DatasetOptions options) throws IOException {
        int size = whole.size();
        if (size < 2) {
            throw new IOException(whole.name() + " has " + size + " images, a hold-out split needs at least 2");
        }
        int test = (int) Math.min(size - 1, Math.max(1, Math.round(size * options.testShare())));
        int[] order = Philox.permutation(options.seed(), 0, size, Slot.HOLD_OUT);
        int[] testIndices = Arrays.stream(order, 0, test).sorted().toArray();
        int[] trainIndices = Arrays.stream(order, test, size).sorted().toArray();
        return new Splits(
                new SubsetDataset(whole.name() + " train", whole, trainIndices),
                new SubsetDataset(whole.name() + " test", whole, testIndices));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public int height() {
        return whole.height();
    }

    @Override
    public int width() {
        return whole.width();
    }

    @Override
    public List<String> classNames() {
        return whole.classNames();
    }

    @Override
    public int label(int index) {
        return whole.label(indices[index]);
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return whole.knownWrongLabels().map(this::own);
    }

    @Override
    public Optional<BitSet> knownCorruptions() {
        return whole.knownCorruptions().map(this::own);
    }

    private BitSet own(BitSet known) {
        BitSet own = new BitSet(indices.length);
        for (int i = 0; i < indices.length; i++) {
            own.set(i, known.get(indices[i]));
        }
        return own;
    }

    @Override
    public String sampleName(int index) {
        return whole.sampleName(indices[index]);
    }

    @Override
    public void read(int index, ByteBuffer target) throws IOException {
        whole.read(indices[index], target);
    }
}
