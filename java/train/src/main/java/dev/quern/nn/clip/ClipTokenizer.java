package dev.quern.nn.clip;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Texts to the tokens of a CLIP, by the {@code tokenizer.json} of its checkpoint: start, text, end, padded with zeros. Nothing is downloaded. For one
 * thread.
 */
public final class ClipTokenizer implements AutoCloseable {
    static {
        // The library would look for other builds of itself on the network.
        System.setProperty("ai.djl.offline", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final int context;

    /** What happens to a text with more tokens than CLIP reads. */
    public enum TooLong {
        REFUSE,
        /** Its last tokens give way to the end token. */
        TRUNCATE
    }

    private ClipTokenizer(HuggingFaceTokenizer tokenizer, int context) {
        this.tokenizer = tokenizer;
        this.context = context;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param context tokens of a text, ≥ 2
     * @throws MalformedFileException naming the file and what is wrong
     */
    public static ClipTokenizer open(Path file, int context) throws IOException {
        long size = Files.size(file);
        if (size > Limits.TOKENIZER_BYTES) {
            throw new MalformedFileException(file, "size", size, "at most " + Limits.TOKENIZER_BYTES + " bytes");
        }
        try {
            return new ClipTokenizer(
                    HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false")), context);
        } catch (RuntimeException refused) {
            throw new MalformedFileException(file, "is not a tokenizer: " + refused.getMessage(), refused);
        }
    }

    /**
     * Tokens of texts.
     *
     * @return [B·context]
     * @throws IllegalArgumentException naming the text that is too long
     */
    public long[] encode(List<String> texts, TooLong tooLong) {
        long[] all = new long[Math.multiplyExact(texts.size(), context)];
        for (int i = 0; i < texts.size(); i++) {
            long[] ids = tokenizer.encode(texts.get(i), true, false).getIds();
            long end = ids[ids.length - 1];
            if (ids.length > context) {
                if (tooLong == TooLong.REFUSE) {
                    throw new IllegalArgumentException("text '" + texts.get(i) + "' has " + ids.length
                            + " tokens, allowed: at most " + context + ", start and end included");
                }
                ids = Arrays.copyOf(ids, context);
                ids[context - 1] = end;
            }
            System.arraycopy(ids, 0, all, i * context, ids.length);
        }
        return all;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
