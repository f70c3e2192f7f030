package dev.quern.clip;

import dev.quern.data.ImageDataset;
import dev.quern.data.image.ClipPreprocessing;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.clip.Clip;
import dev.quern.nn.clip.ClipTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Embeddings of images and class names by a pretrained CLIP (Radford et al. 2021), not normalised. For one thread. */
public final class ClipEncoder implements AutoCloseable {
    /** Where a prompt names the class. */
    public static final String CLASS = "{}";

    /** The prompt of CLIP-powered selection (Yang et al. 2025). */
    public static final String PROMPT = "A photo of a " + CLASS;

    private static final int BATCH = 64;

    private final Clip clip;
    private final Path folder;

    private ClipEncoder(Clip clip, Path folder) {
        this.clip = clip;
        this.folder = folder;
    }

    /** Opens a checkpoint: {@code config.json}, {@code model.safetensors} and, for texts, {@code tokenizer.json}. */
    public static ClipEncoder open(Path folder) throws IOException {
        return new ClipEncoder(Clip.open(folder), folder);
    }

    /** Tokens of a text. */
    public int context() {
        return clip.context();
    }

    /** Length of an embedding D. */
    public int dimension() {
        return clip.embedding();
    }

    /** Embeddings [count,D] of the images {@code first} … {@code first + count − 1} of a data set. */
    public float[] images(ImageDataset data, int first, int count) throws IOException {
        ClipPreprocessing preprocessing = new ClipPreprocessing(data.height(), data.width(), clip.side());
        int values = 3 * clip.side() * clip.side();
        float[] all = new float[count * dimension()];
        try (NativeBuffer pixels = NativeBuffer.allocate(DType.FLOAT32, Math.min(BATCH, count), values)) {
            FloatBuffer target = pixels.bytes().asFloatBuffer();
            for (int done = 0; done < count; done += BATCH) {
                int size = Math.min(BATCH, count - done);
                int start = first + done;
                IntStream.range(0, size)
                        .parallel()
                        .forEach(i -> preprocessing.apply(read(data, start + i), target.slice(i * values, values)));
                embed(pixels, size, all, done);
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return all;
    }

    /**
     * Embeddings of preprocessed images.
     *
     * @param pixels float32 [count,3,S,S] as CLIP takes them in
     * @return [count,D]
     */
    public float[] images(FloatBuffer pixels, int count) {
        int values = 3 * clip.side() * clip.side();
        if (pixels.remaining() != (long) count * values) {
            throw new IllegalArgumentException("pixel values are " + pixels.remaining() + ", allowed: " + count
                    + " images × 3 × " + clip.side() + " × " + clip.side());
        }
        float[] all = new float[count * dimension()];
        try (NativeBuffer batch = NativeBuffer.allocate(DType.FLOAT32, Math.min(BATCH, count), values)) {
            for (int done = 0; done < count; done += BATCH) {
                int size = Math.min(BATCH, count - done);
                batch.bytes().asFloatBuffer().put(pixels.slice(done * values, size * values));
                embed(batch, size, all, done);
            }
        }
        return all;
    }

    private void embed(NativeBuffer pixels, int size, float[] all, int row) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor batch = TensorMemory.view(pixels).narrow(0, 0, size).view(size, 3, clip.side(), clip.side());
            float[] rows = TensorMemory.floats(clip.embedImages(batch));
            System.arraycopy(rows, 0, all, row * dimension(), rows.length);
        }
    }

    private static byte[] read(ImageDataset data, int index) {
        ByteBuffer image = ByteBuffer.allocate(data.imageBytes());
        try {
            data.read(index, image);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return image.array();
    }

    /**
     * Embeddings [C,D] of class names in a prompt; underscores of names become spaces.
     *
     * @param prompt holds {@value #CLASS} once
     */
    public float[] classes(List<String> names, String prompt, ClipTokenizer.TooLong tooLong) throws IOException {
        int place = prompt.indexOf(CLASS);
        if (place < 0 || prompt.indexOf(CLASS, place + 1) >= 0) {
            throw new IllegalArgumentException("prompt is '" + prompt + "', allowed: a text with one " + CLASS);
        }
        List<String> texts = names.stream()
                .map(name -> prompt.replace(CLASS, name.replace('_', ' ')))
                .toList();
        try (ClipTokenizer tokenizer = ClipTokenizer.open(folder.resolve("tokenizer.json"), clip.context())) {
            return texts(tokenizer.encode(texts, tooLong));
        }
    }

    /**
     * Embeddings [B,D] of tokens.
     *
     * @param ids [B·context]
     */
    public float[] texts(long[] ids) {
        int most = BATCH * clip.context();
        float[] all = new float[ids.length / clip.context() * dimension()];
        for (int first = 0; first < ids.length; first += most) {
            long[] batch = Arrays.copyOfRange(ids, first, Math.min(first + most, ids.length));
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                float[] rows = TensorMemory.floats(clip.embedTexts(batch));
                System.arraycopy(rows, 0, all, first / clip.context() * dimension(), rows.length);
            }
        }
        return all;
    }

    @Override
    public void close() {
        clip.close();
    }
}
