package dev.quern.pipeline;

import dev.quern.data.ImageDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.SafetensorsFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** Consistency from image and text embeddings in files: the cosine of each image with the text of its label. */
record GivenEmbeddings(Engine engine, ImageDataset data, ConsistencyConfig.Given files) implements ConsistencySource {
    private static final Set<TensorType> FLOATS = EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);

    @Override
    public float[] consistency() throws IOException {
        Tensor images = read(files.images(), data.size(), "a row per training sample");
        Tensor texts = read(files.texts(), data.classNames().size(), "a row per class");
        if (images.shape()[1] != texts.shape()[1]) {
            throw new IOException(files.texts() + ": has rows of " + texts.shape()[1] + ", allowed: "
                    + images.shape()[1] + ", as in " + files.images());
        }
        int[] labels = new int[data.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = data.label(i);
        }
        return CosineConsistency.ofIndexedRows(
                engine, images.toFloats(), texts.toFloats(), labels, (int) images.shape()[1]);
    }

    private static Tensor read(Path file, int rows, String meaning) throws IOException {
        Tensor array = file.toString().endsWith(".safetensors") ? readSafetensors(file) : NpyFile.read(file);
        long[] shape = array.shape();
        if (shape.length != 2 || shape[0] != rows || shape[1] < 1 || !FLOATS.contains(array.type())) {
            throw new IOException(file + ": holds " + array + ", allowed: floats [" + rows + ",D], " + meaning);
        }
        return array;
    }

    private static Tensor readSafetensors(Path file) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            if (source.names().size() != 1) {
                throw new IOException(file + ": holds " + source.names().size() + " tensors, allowed: one");
            }
            return source.read(source.names().iterator().next());
        }
    }
}
