package dev.quern.nn.clip;

import dev.quern.io.SafetensorsFile;
import dev.quern.nn.Convolution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A pretrained CLIP with a vision transformer, for embedding only (Radford et al. 2021): of any size, float32 on the CPU.
 *
 * <p>Tensors returned live in the caller's {@code PointerScope}; run it under {@code NoGradGuard}. Not thread-safe.
 */
public final class Clip implements AutoCloseable {
    private final ClipConfig config;
    private final ClipWeights weights;
    private final Tensor patches;
    private final Tensor classToken;
    private final Tensor imagePositions;
    private final ClipTower.Norm before;
    private final ClipTower imageBlocks;
    private final ClipTower.Norm after;
    private final Tensor imageProjection;
    private final Tensor tokens;
    private final Tensor textPositions;
    private final ClipTower textBlocks;
    private final ClipTower.Norm textNorm;
    private final Tensor textProjection;

    private Clip(ClipConfig config, ClipWeights weights) throws IOException {
        this.config = config;
        this.weights = weights;
        int wide = config.vision().width();
        int patch = config.patch();
        int grid = config.side() / patch;
        double epsilon = config.vision().epsilon();
        patches = weights.read("visual.conv1.weight", wide, 3, patch, patch);
        classToken = weights.read("visual.class_embedding", wide);
        imagePositions = weights.read("visual.positional_embedding", (long) grid * grid + 1, wide);
        before = ClipTower.Norm.read(weights, "visual.ln_pre", wide, epsilon);
        imageBlocks = new ClipTower(weights, "visual.transformer.resblocks.", config.vision(), ClipTower.Sight.ALL);
        after = ClipTower.Norm.read(weights, "visual.ln_post", wide, epsilon);
        imageProjection = weights.read("visual.proj", wide, config.embedding());
        int narrow = config.text().width();
        tokens = weights.read("token_embedding.weight", config.vocabulary(), narrow);
        textPositions = weights.read("positional_embedding", config.context(), narrow);
        textBlocks = new ClipTower(weights, "transformer.resblocks.", config.text(), ClipTower.Sight.EARLIER);
        textNorm =
                ClipTower.Norm.read(weights, "ln_final", narrow, config.text().epsilon());
        textProjection = weights.read("text_projection", narrow, config.embedding());
    }

    /**
     * Reads {@code config.json} and {@code model.safetensors} of a folder; the tensors may have the names of Hugging Face or of OpenAI and
     * OpenCLIP.
     *
     * @throws IOException naming the file, the field or tensor, its value and what is allowed
     */
    public static Clip open(Path folder) throws IOException {
        ClipConfig config = ClipConfig.read(folder.resolve("config.json"));
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
                PointerScope scope = new PointerScope()) {
            ClipWeights weights = new ClipWeights(file);
            try {
                return new Clip(config, weights);
            } catch (IOException | RuntimeException refused) {
                weights.close();
                throw refused;
            }
        }
    }

    /**
     * Embeds images; the embeddings are not normalised.
     *
     * @param pixels float32 [B,3,S,S] with S = {@link #side()}, normalised by CLIP's means and deviations
     * @return float32 [B,{@link #embedding()}]
     */
    public Tensor embedImages(Tensor pixels) {
        long[] shape = pixels.shape();
        if (shape.length != 4 || shape[1] != 3 || shape[2] != side() || shape[3] != side()) {
            throw new IllegalArgumentException(
                    "pixels is " + Arrays.toString(shape) + ", allowed: [B, 3, " + side() + ", " + side() + "]");
        }
        Tensor grid = Convolution.convolve(pixels, patches, new TensorOptional(), config.patch(), 0);
        Tensor first = classToken.expand(shape[0], 1, config.vision().width());
        Tensor x = torch.cat(new TensorVector(first, grid.flatten(2, 3).transpose(1, 2)), 1);
        Tensor mixed = imageBlocks.forward(before.apply(x.add(imagePositions)));
        return after.apply(mixed.select(1, 0)).matmul(imageProjection);
    }

    /**
     * Embeds texts; the embeddings are not normalised. A text ends at its largest token, which is the end-of-text token.
     *
     * @param ids [B·{@link #context()}] tokens, 0 … {@link #vocabulary()} − 1
     * @return float32 [B,{@link #embedding()}]
     */
    public Tensor embedTexts(long[] ids) {
        int context = config.context();
        if (ids.length == 0 || ids.length % context != 0) {
            throw new IllegalArgumentException(
                    "ids has " + ids.length + " entries, allowed: a multiple of the context, " + context);
        }
        long[] ends = new long[ids.length / context];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary()) {
                throw new IllegalArgumentException(
                        "ids[" + i + "] is " + ids[i] + ", allowed: 0 … " + (vocabulary() - 1));
            }
            int text = i / context;
            ends[text] = i % context == 0 || ids[i] > ids[(int) ends[text]] ? i : ends[text];
        }
        int width = config.text().width();
        Tensor x = tokens.index_select(0, torch.tensor(ids)).view(ends.length, context, width);
        Tensor mixed = textNorm.apply(textBlocks.forward(x.add(textPositions)));
        return mixed.view(-1, width).index_select(0, torch.tensor(ends)).matmul(textProjection);
    }

    /** Rows and columns of an image. */
    public int side() {
        return config.side();
    }

    /** Tokens of a text. */
    public int context() {
        return config.context();
    }

    /** Number of tokens there are. */
    public int vocabulary() {
        return config.vocabulary();
    }

    /** Length of an embedding. */
    public int embedding() {
        return config.embedding();
    }

    @Override
    public void close() {
        weights.close();
    }
}
