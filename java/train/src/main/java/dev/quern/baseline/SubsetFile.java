package dev.quern.baseline;

import dev.quern.io.MalformedFileException;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;

/** The samples to train on, as an npy file of integers [m] in any order. */
public final class SubsetFile {
    private static final Set<TensorType> INTEGERS = EnumSet.of(TensorType.I64, TensorType.I32, TensorType.U8);

    private SubsetFile() {}

    /**
     * Reads distinct sample indices.
     *
     * @param samples N of the training set
     * @return ascending, 1 … N of them
     * @throws MalformedFileException naming the file, what is wrong and what is allowed
     */
    public static int[] read(Path file, int samples) throws IOException {
        Tensor array = NpyFile.read(file);
        boolean integers = INTEGERS.contains(array.type()) && array.shape().length == 1;
        if (!integers || array.count() < 1 || array.count() > samples) {
            throw new MalformedFileException(file, "array", array, "integers [m], m 1 … " + samples);
        }
        BitSet chosen = new BitSet(samples);
        for (long index : array.toLongs()) {
            if (index < 0 || index >= samples) {
                throw new MalformedFileException(file, "sample index", index, "0 … " + (samples - 1));
            }
            if (chosen.get((int) index)) {
                throw new MalformedFileException(file, "sample index", index, "each at most once");
            }
            chosen.set((int) index);
        }
        return chosen.stream().toArray();
    }
}
