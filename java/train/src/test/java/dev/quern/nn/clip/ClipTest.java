package dev.quern.nn.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.io.MalformedFileException;
import dev.quern.io.SafetensorsFile;
import dev.quern.nn.SharedData;
import dev.quern.nn.TensorMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny CLIP in PyTorch's transformers: golden/clip/make_tiny_clip.py. */
class ClipTest {
    @TempDir
    Path folder;

    @BeforeEach
    void unpackTheTinyClip() throws IOException {
        Files.copy(SharedData.path("golden/clip/config.json"), folder.resolve("config.json"));
        try (InputStream packed = Files.newInputStream(SharedData.path("golden/clip/tiny-clip.safetensors.gz"));
                InputStream weights = new GZIPInputStream(packed)) {
            Files.copy(weights, folder.resolve("model.safetensors"));
        }
    }

    @Test
    void imageEmbeddingsEqualThoseOfPyTorch() throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Clip clip = Clip.open(folder)) {
            assertThat(floats(clip.embedImages(pixels())))
                    .containsExactly(expected("image_features").toFloats(), within(1e-5f));
        }
    }

    @Test
    void textEmbeddingsEqualThoseOfPyTorch() throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Clip clip = Clip.open(folder)) {
            assertThat(floats(clip.embedTexts(expected("input_ids").toLongs())))
                    .containsExactly(expected("text_features").toFloats(), within(1e-5f));
        }
    }

    @Test
    void anImageIsEmbeddedAloneAsInABatch() throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Clip clip = Clip.open(folder)) {
            Tensor pixels = pixels();
            assertThat(floats(clip.embedImages(pixels.narrow(0, 3, 1))))
                    .containsExactly(floats(clip.embedImages(pixels).narrow(0, 3, 1)), within(1e-5f));
        }
    }

    @Test
    void namesOfHuggingFaceStandForThoseOfOpenAi() {
        assertThat(ClipWeights.huggingFaceName("visual.ln_pre.bias")).isEqualTo("vision_model.pre_layrnorm.bias");
        assertThat(ClipWeights.huggingFaceName("transformer.resblocks.2.mlp.c_proj.weight"))
                .isEqualTo("text_model.encoder.layers.2.mlp.fc2.weight");
        assertThat(ClipWeights.huggingFaceName("visual.transformer.resblocks.0.ln_2.weight"))
                .isEqualTo("vision_model.encoder.layers.0.layer_norm2.weight");
    }

    @Test
    void weightsThatDoNotFitTheConfigurationAreRefusedByName() throws IOException {
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"projection_dim\": 24", "\"projection_dim\": 23"));
        assertThatThrownBy(() -> Clip.open(folder))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("visual_projection.weight")
                .hasMessageContaining("[23, 48]");
    }

    @Test
    void wrongPixelsAndTokensAreRefused() throws IOException {
        try (PointerScope scope = new PointerScope();
                Clip clip = Clip.open(folder)) {
            assertThatThrownBy(() -> clip.embedImages(torch.zeros(1, 3, 32, 32)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[B, 3, 64, 64]");
            assertThatThrownBy(() -> clip.embedTexts(new long[76])).hasMessageContaining("76 entries");
            long[] ids = new long[77];
            ids[5] = 49_408;
            assertThatThrownBy(() -> clip.embedTexts(ids)).hasMessageContaining("ids[5] is 49408");
        }
    }

    private static Tensor pixels() throws IOException {
        return TensorMemory.copyOf(expected("pixel_values").toFloats()).view(5, 3, 64, 64);
    }

    private static dev.quern.io.Tensor expected(String name) throws IOException {
        try (SafetensorsFile file =
                SafetensorsFile.open(SharedData.path("golden/clip/tiny-clip-expected.safetensors"))) {
            return file.read(name);
        }
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        TensorMemory.bytes(tensor.contiguous()).asFloatBuffer().get(values);
        return values;
    }
}
