package dev.quern.cli.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.cli.CommandRun;
import dev.quern.clip.ClipEmbeddings;
import dev.quern.io.NpyFile;
import dev.quern.io.SafetensorsFile;
import dev.quern.io.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tiny CLIP of golden/clip/make_tiny_clip.py. */
class EmbedCommandTest {
    @TempDir
    Path folder;

    @Test
    void preprocessedArraysGiveTheFeaturesOfPyTorch() throws IOException {
        Path out = folder.resolve("features.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(golden("tiny-clip-expected.safetensors"))) {
            NpyFile.write(folder.resolve("p.npy"), expected.read("pixel_values"));
            NpyFile.write(folder.resolve("i.npy"), expected.read("input_ids"));
            CommandRun run = embed(
                    "--clip",
                    clip(),
                    "--pixel-values",
                    folder.resolve("p.npy"),
                    "--input-ids",
                    folder.resolve("i.npy"),
                    "--out",
                    out);
            assertThat(run.exitCode()).as(run.err()).isZero();
            try (SafetensorsFile features = SafetensorsFile.open(out)) {
                for (String name : new String[] {"image_features", "text_features"}) {
                    assertThat(features.read(name).toFloats())
                            .containsExactly(expected.read(name).toFloats(), within(1e-5f));
                }
            }
        }
    }

    @Test
    void aDataSetIsEmbeddedWithItsLabelsAndClassNames() throws IOException {
        Path out = folder.resolve("set.safetensors");
        CommandRun run = embed("--clip", clip(), "--dataset", images(), "--out", out);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("encoder: CLIP of");
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertThat(file.shape("images")).containsExactly(10, 24);
            assertThat(file.shape("test.images")).containsExactly(2, 24);
            assertThat(file.shape("texts")).containsExactly(2, 24);
            assertThat(file.metadata())
                    .containsEntry("encoder", "clip")
                    .containsEntry("prompt", "A photo of a {}")
                    .containsEntry("classes", "[\"aquarium_fish\",\"dog\"]");
        }
        ClipEmbeddings embeddings = ClipEmbeddings.read(out);
        assertThat(embeddings.samples()).isEqualTo(10);
        assertThat(embeddings.classes()).isEqualTo(2);
        assertThat(Files.exists(folder.resolve("set.safetensors.parts"))).isFalse();
        Path ids = folder.resolve("ids.npy");
        long[] tokens = new long[77];
        System.arraycopy(new long[] {49406, 320, 1125, 539, 320, 16814, 2759, 49407}, 0, tokens, 0, 8);
        NpyFile.write(ids, Tensor.of(tokens, 1, 77));
        Path text = folder.resolve("text.safetensors");
        embed("--clip", clip(), "--input-ids", ids, "--out", text);
        try (SafetensorsFile file = SafetensorsFile.open(text)) {
            float[] fish = file.read("text_features").toFloats();
            for (int j = 0; j < fish.length; j++) {
                assertThat(embeddings.texts()[j]).isEqualTo(fish[j], within(1e-5f));
            }
        }
    }

    @Test
    void withoutClipTheDualEncoderServesAndTheOutputSaysSo() throws IOException {
        Path out = folder.resolve("dual.safetensors");
        CommandRun run = embed("--dataset", images(), "--encoder-epochs", 1, "--out", out);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("a dual encoder that learned from these images and labels, because no --clip");
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertThat(file.shape("images")).containsExactly(10, 64);
            assertThat(file.metadata()).containsEntry("encoder", "dual");
        }
    }

    @Test
    void partsOfOtherSettingsAreRefused() throws IOException {
        Path out = folder.resolve("set.safetensors");
        Files.createDirectories(folder.resolve("set.safetensors.parts"));
        Files.writeString(folder.resolve("set.safetensors.parts/settings.json"), "{\"encoder\":\"other\"}");
        refuses(
                "holds parts of {\"encoder\":\"other\"}, allowed: the same settings",
                "--clip",
                clip(),
                "--dataset",
                images(),
                "--out",
                out);
    }

    @Test
    void badInputIsOneLineAndLeavesNothingBehind() throws IOException {
        Path out = folder.resolve("out.safetensors");
        Path wide = folder.resolve("wide.npy");
        NpyFile.write(wide, Tensor.of(new float[2 * 3 * 4 * 4], 2, 3, 4, 4));
        Path ids = folder.resolve("ids.npy");
        NpyFile.write(ids, Tensor.of(new long[76], 1, 76));
        refuses("one of the two kinds is needed", "--out", out);
        refuses("one of the two kinds is needed", "--dataset", "shapes", "--input-ids", ids, "--out", out);
        refuses("--clip is missing", "--input-ids", ids, "--out", out);
        refuses("allowed: int [B, 77]", "--clip", clip(), "--input-ids", ids, "--out", out);
        refuses(
                "pixel values are 96, allowed: 2 images × 3 × 64 × 64",
                "--clip",
                clip(),
                "--pixel-values",
                wide,
                "--out",
                out);
        refuses("prompt is 'a photo'", "--clip", clip(), "--dataset", images(), "--prompt", "a photo", "--out", out);
        refuses("--encoder-epochs is 0", "--dataset", images(), "--encoder-epochs", 0, "--out", out);
        refuses(
                "none/model.safetensors does not exist",
                "--clip",
                folder.resolve("none"),
                "--dataset",
                images(),
                "--out",
                out);
        refuses("exists, allowed: a new file", "--dataset", images(), "--out", ids);
        assertThat(out).doesNotExist();
        assertThat(folder.resolve("out.safetensors.parts")).doesNotExist();
    }

    private static void refuses(String message, Object... arguments) {
        CommandRun run = embed(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message).hasLineCount(1);
    }

    private static CommandRun embed(Object... arguments) {
        return CommandRun.of(
                Stream.concat(Stream.of("embed"), Stream.of(arguments)).toArray());
    }

    /** Twelve images of two classes, 20×24 pixels. */
    private String images() throws IOException {
        Path root = folder.resolve("images");
        for (String name : new String[] {"aquarium_fish", "dog"}) {
            Files.createDirectories(root.resolve(name));
            for (int i = 0; i < 6; i++) {
                BufferedImage image = new BufferedImage(24, 20, BufferedImage.TYPE_INT_RGB);
                for (int at = 0; at < 480; at++) {
                    image.setRGB(at % 24, at / 24, at * 97 * (i + 1) + name.length() * 12345);
                }
                ImageIO.write(
                        image, "png", root.resolve(name + "/" + i + ".png").toFile());
            }
        }
        return "folder:" + root;
    }

    private Path clip() throws IOException {
        Path clip = folder.resolve("clip");
        if (!Files.exists(clip)) {
            Files.createDirectories(clip);
            Files.copy(golden("config.json"), clip.resolve("config.json"));
            unpack("tiny-clip.safetensors.gz", clip.resolve("model.safetensors"));
            unpack("tokenizer.json.gz", clip.resolve("tokenizer.json"));
        }
        return clip;
    }

    private static void unpack(String name, Path target) throws IOException {
        try (InputStream packed = Files.newInputStream(golden(name));
                InputStream content = new GZIPInputStream(packed)) {
            Files.copy(content, target);
        }
    }

    /** A reference file outside the repository; the test is skipped, and says so, where it is absent. */
    private static Path golden(String name) {
        Path path = Path.of(System.getProperty("quern.shared", "../../../shared"), "golden", "clip", name);
        assumeTrue(Files.exists(path), "skipped: " + path + " is not beside the repository (-Dquern.shared=FOLDER)");
        return path;
    }
}
