package dev.quern.nn.clip;

import dev.quern.io.MalformedFileException;
import dev.quern.io.SafetensorsFile;
import dev.quern.io.TensorType;
import dev.quern.nn.TensorMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The weights of a CLIP by the names of OpenAI and OpenCLIP, from a file with those names or with the names of Hugging Face. */
final class ClipWeights implements AutoCloseable {
    private static final Set<TensorType> FLOATS = EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);
    private static final List<String> PARTS = List.of("q", "k", "v");

    /** Beginnings of OpenAI's names and of Hugging Face's, the first that fits. */
    private static final List<Map.Entry<String, String>> NAMES = List.of(
            Map.entry("visual.conv1.", "vision_model.embeddings.patch_embedding."),
            Map.entry("visual.class_embedding", "vision_model.embeddings.class_embedding"),
            Map.entry("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
            Map.entry("visual.ln_pre.", "vision_model.pre_layrnorm."),
            Map.entry("visual.ln_post.", "vision_model.post_layernorm."),
            Map.entry("visual.proj", "visual_projection.weight"),
            Map.entry("visual.transformer.resblocks.", "vision_model.encoder.layers."),
            Map.entry("token_embedding.", "text_model.embeddings.token_embedding."),
            Map.entry("positional_embedding", "text_model.embeddings.position_embedding.weight"),
            Map.entry("ln_final.", "text_model.final_layer_norm."),
            Map.entry("text_projection", "text_projection.weight"),
            Map.entry("transformer.resblocks.", "text_model.encoder.layers."));

    private final SafetensorsFile file;
    private final boolean huggingFace;
    private final List<Tensor> kept = new ArrayList<>();

    ClipWeights(SafetensorsFile file) {
        this.file = file;
        this.huggingFace = file.names().contains("visual_projection.weight");
    }

    /** A float32 tensor that lives until {@link #close()}. */
    Tensor read(String name, long... shape) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = huggingFace ? translated(name, shape) : stored(name, shape);
            kept.add(tensor.retainReference());
            return tensor;
        }
    }

    private Tensor translated(String name, long... shape) throws IOException {
        String other = huggingFaceName(name);
        if (name.equals("visual.proj") || name.equals("text_projection")) {
            return stored(other, shape[1], shape[0]).t().contiguous();
        }
        if (!other.contains(".attn.in_proj_")) {
            return stored(other, shape);
        }
        TensorVector parts = new TensorVector();
        long[] partShape = shape.clone();
        partShape[0] /= PARTS.size();
        for (String part : PARTS) {
            parts.push_back(stored(other.replace(".attn.in_proj_", ".self_attn." + part + "_proj."), partShape));
        }
        return torch.cat(parts, 0);
    }

    static String huggingFaceName(String name) {
        for (Map.Entry<String, String> start : NAMES) {
            if (name.startsWith(start.getKey())) {
                return start.getValue()
                        + name.substring(start.getKey().length())
                                .replace(".ln_", ".layer_norm")
                                .replace(".attn.out_proj.", ".self_attn.out_proj.")
                                .replace(".c_fc.", ".fc1.")
                                .replace(".c_proj.", ".fc2.");
            }
        }
        throw new IllegalArgumentException("name is '" + name + "', allowed: a weight of CLIP");
    }

    private Tensor stored(String name, long... shape) throws IOException {
        if (!FLOATS.contains(file.type(name)) || !Arrays.equals(file.shape(name), shape)) {
            throw new MalformedFileException(
                    file.file(),
                    "tensor '" + name + "'",
                    file.type(name) + Arrays.toString(file.shape(name)),
                    "floats " + Arrays.toString(shape));
        }
        return TensorMemory.copyOf(file.read(name).toFloats()).view(shape);
    }

    @Override
    public void close() {
        kept.forEach(Tensor::close);
    }
}
