package dev.quern.data.fault;

import dev.quern.data.ImageDataset;
import dev.quern.data.image.RgbImage;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Another data set with some of its images corrupted as they are read. */
final class CorruptedDataset implements ImageDataset {
    private final ImageDataset original;
    private final Corruption corruption;
    private final long seed;
    /** [size], null where the image stays as it is. */
    private final CorruptionKind[] kinds;

    CorruptedDataset(ImageDataset original, Corruption corruption, long seed) {
        this.original = original;
        this.corruption = corruption;
        this.seed = seed;
        int size = original.size();
        kinds = new CorruptionKind[size];
        int[] order = Philox.permutation(seed, 0, size, Slot.CORRUPTION);
        CorruptionKind[] all = CorruptionKind.values();
        for (int place = 0; place < Math.round(corruption.share() * size); place++) {
            kinds[order[place]] = all[place % all.length];
        }
    }

    @Override
    public String name() {
        return original.name();
    }

    @Override
    public int size() {
        return original.size();
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
        return original.label(index);
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return original.knownWrongLabels();
    }

    @Override
    public Optional<BitSet> knownCorruptions() {
        BitSet corrupted = original.knownCorruptions().orElseGet(BitSet::new);
        for (int i = 0; i < kinds.length; i++) {
            corrupted.set(i, corrupted.get(i) || kinds[i] != null);
        }
        return Optional.of(corrupted);
    }

    @Override
    public String sampleName(int index) {
        return original.sampleName(index);
    }

    @Override
    public void read(int index, ByteBuffer target) throws IOException {
        if (kinds[index] == null) {
            original.read(index, target);
            return;
        }
        ByteBuffer clean = ByteBuffer.allocate(imageBytes());
        original.read(index, clean);
        RgbImage image = new RgbImage(clean.array(), height(), width());
        target.put(kinds[index].apply(image, corruption.mode(), seed, index).pixels());
    }
}
