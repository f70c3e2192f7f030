package dev.quern.data.fault;

import dev.quern.data.ImageDataset;
import dev.quern.data.RelabelledDataset;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Symmetric label noise: samples get a label that is uniform over the other classes; images stay. A function of seed and sample alone.
 *
 * @param share of the samples, in [0, 1]
 */
public record LabelNoise(Kind kind, double share) {
    public static final LabelNoise NONE = new LabelNoise(Kind.BERNOULLI, 0);

    /** Which samples are hit. */
    public enum Kind {
        /** Each by itself with a chance of {@code share}. */
        BERNOULLI,
        /** round(share·n) of the n samples of every class. */
        EXACT
    }

    public LabelNoise {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("label noise is " + share + ", allowed: 0 … 1");
        }
    }

    /**
     * The data with wrong labels, which are known in addition to those already known.
     *
     * @throws IllegalArgumentException if the data has a single class
     */
    public ImageDataset of(ImageDataset data, long seed) {
        if (share == 0) {
            return data;
        }
        int classes = data.classNames().size();
        if (classes < 2) {
            throw new IllegalArgumentException("label noise is " + share + ", allowed for one class: 0");
        }
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        hit(labels, classes, seed).stream().forEach(i -> {
            int other = Philox.uniformInt(classes - 1, seed, 0, i, Slot.NOISE_LABEL);
            labels[i] = (labels[i] + 1 + other) % classes;
        });
        return new RelabelledDataset(data, labels);
    }

    private BitSet hit(int[] labels, int classes, long seed) {
        BitSet hit = new BitSet(labels.length);
        if (kind == Kind.BERNOULLI) {
            IntStream.range(0, labels.length)
                    .filter(i -> Philox.uniform(seed, 0, i, Slot.NOISE) < share)
                    .forEach(hit::set);
            return hit;
        }
        for (int label = 0; label < classes; label++) {
            int own = label;
            int[] members = IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == own)
                    .toArray();
            Arrays.stream(Philox.shuffle(members, seed, label, Slot.NOISE), 0, (int) Math.round(share * members.length))
                    .forEach(hit::set);
        }
        return hit;
    }
}
