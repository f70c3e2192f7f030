package dev.quern.joint;

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
import java.util.stream.IntStream;

/** Consistency from image and text embeddings in files: the cosine of each image with the text of its label. */
public record GivenEmbeddings(Engine engine, ImageDataset data, ConsistencyConfig.Given files)
        implements ConsistencySource {
    private static final Set<TensorType> FLOATS = EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);

    /** Embeddings of images [N,dimension] and class names [C,dimension]. */
    public record Rows(float[] images, float[] texts, int dimension) {}

    @Override
    public float[] consistency() throws IOException {
        Rows rows = read(data, files);
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        return CosineConsistency.ofIndexedRows(engine, rows.images(), rows.texts(), labels, rows.dimension());
    }

    /** @throws IOException naming the file whose array does not fit the data set or the other file */
    public static Rows read(ImageDataset data, ConsistencyConfig.Given files) throws IOException {
        Tensor images = read(files.images(), "images", data.size(), "a row per training sample");
        Tensor texts = read(files.texts(), "texts", data.classNames().size(), "a row per class");
        if (images.shape()[1] != texts.shape()[1]) {
            throw new IOException(files.texts() + ": has rows of " + texts.shape()[1] + ", allowed: "
                    + images.shape()[1] + ", as in " + files.images());
        }
        return new Rows(images.toFloats(), texts.toFloats(), (int) images.shape()[1]);
    }

    private static Tensor read(Path file, String name, int rows, String meaning) throws IOException {
        Tensor array = file.toString().endsWith(".safetensors") ? readSafetensors(file, name) : NpyFile.read(file);
        long[] shape = array.shape();
        if (shape.length != 2 || shape[0] != rows || shape[1] < 1 || !FLOATS.contains(array.type())) {
            throw new IOException(file + ": holds " + array + ", allowed: floats [" + rows + ",D], " + meaning);
        }
        return array;
    }

    /** The tensor of that name, or the only one. */
    private static Tensor readSafetensors(Path file, String name) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            if (source.names().contains(name)) {
                return source.read(name);
            }
            if (source.names().size() != 1) {
                throw new IOException(
                        file + ": holds " + source.names().size() + " tensors, allowed: one, or one named " + name);
            }
            return source.read(source.names().iterator().next());
        }
    }
}
