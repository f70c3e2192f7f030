package dev.quern.nn.clip;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The sizes of a CLIP, from the {@code config.json} beside its weights.
 *
 * @param side of the square images in pixels, a multiple of {@code patch}
 * @param context tokens of a text
 * @param embedding length of the embeddings of both towers
 */
record ClipConfig(Tower vision, int side, int patch, Tower text, int context, int vocabulary, int embedding) {
    private static final int LARGEST = 1 << 20;

    /** @param hidden width of the perceptrons */
    record Tower(int width, int hidden, int layers, int heads, double epsilon, Activation activation) {}

    enum Activation {
        /** x·Φ(x) (Hendrycks and Gimpel 2016). */
        GELU,
        /** x·sigmoid(1.702·x). */
        QUICK_GELU
    }

    static ClipConfig read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Limits.CONFIG_BYTES) {
            throw new MalformedFileException(file, "size", size, "at most " + Limits.CONFIG_BYTES + " bytes");
        }
        JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
        Fields all = new Fields(file, root, "");
        Fields vision = new Fields(file, root.path("vision_config"), "vision_config.");
        Fields text = new Fields(file, root.path("text_config"), "text_config.");
        ClipConfig config = new ClipConfig(
                vision.tower(),
                vision.size("image_size"),
                vision.size("patch_size"),
                text.tower(),
                text.size("max_position_embeddings"),
                text.size("vocab_size"),
                all.size("projection_dim"));
        if (config.side % config.patch != 0) {
            throw new MalformedFileException(
                    file, "vision_config.image_size", config.side, "a multiple of the patch, " + config.patch);
        }
        return config;
    }

    /** One object of the file. */
    private record Fields(Path file, JsonNode node, String prefix) {
        Tower tower() throws IOException {
            int width = size("hidden_size");
            int heads = size("num_attention_heads");
            if (width % heads != 0) {
                throw new MalformedFileException(
                        file, prefix + "num_attention_heads", heads, "a divisor of the width, " + width);
            }
            return new Tower(
                    width,
                    size("intermediate_size"),
                    size("num_hidden_layers"),
                    heads,
                    node.path("layer_norm_eps").asDouble(1e-5),
                    activation());
        }

        int size(String name) throws IOException {
            JsonNode value = node.path(name);
            if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
                throw new MalformedFileException(file, prefix + name, value, "1 … " + LARGEST);
            }
            return value.asInt();
        }

        private Activation activation() throws IOException {
            String name = node.path("hidden_act").asText("quick_gelu");
            return switch (name) {
                case "quick_gelu" -> Activation.QUICK_GELU;
                case "gelu" -> Activation.GELU;
                default -> throw new MalformedFileException(file, prefix + "hidden_act", name, "quick_gelu, gelu");
            };
        }
    }
}
