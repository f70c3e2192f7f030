package dev.quern.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.MalformedFileException;
import dev.quern.io.SafetensorsWriter;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipEmbeddingsTest {
    private static final float[] IMAGES = {1, 0, 2, 0, 0, 1, 0, 1, 3, 4};
    private static final float[] TEXTS = {1, 0, 0, 1};
    private static final int[] LABELS = {0, 1, 0, 1, 1};

    @Test
    void everyClassKnowsItsSamples() {
        ClipEmbeddings embeddings = new ClipEmbeddings(IMAGES, TEXTS, LABELS, 2);
        assertThat(embeddings.samples()).isEqualTo(5);
        assertThat(embeddings.members()).isDeepEqualTo(new int[][] {{0, 2}, {1, 3, 4}});
    }

    @Test
    void whatDoesNotFitTogetherIsRefusedByName() {
        refused(
                IMAGES,
                TEXTS,
                new int[] {0, 0, 0, 0, 0},
                2,
                "no sample of class 1, allowed: at least one of each of 2");
        refused(IMAGES, TEXTS, new int[] {0, 0, 1, 1, 2}, 2, "labels[4] is 2, allowed: 0 … 1");
        refused(IMAGES, TEXTS, new int[] {0, 1, -1, 1, 1}, 2, "labels[2] is -1, allowed: 0 … 1");
        refused(IMAGES, TEXTS, new int[] {0, 1}, 2, "images has 10 values, allowed: 2 labels × 2");
        refused(IMAGES, TEXTS, LABELS, 3, "images has 10 values, allowed: 5 labels × 3");
        refused(IMAGES, TEXTS, LABELS, 0, "allowed: 5 labels × 0, at least one of each");
        refused(new float[0], TEXTS, new int[0], 2, "images has 0 values");
        refused(IMAGES, new float[] {1, 0, 1}, LABELS, 2, "texts has 3 values, allowed: rows of 2");
        refused(IMAGES, new float[0], LABELS, 2, "texts has 0 values");
        refused(new float[] {1, 0, 2, 0, 0, Float.NaN, 0, 1, 3, 4}, TEXTS, LABELS, 2, "images has NaN in row 2");
        refused(IMAGES, new float[] {1, 0, Float.NEGATIVE_INFINITY, 1}, LABELS, 2, "texts has -Infinity in row 1");
    }

    @Test
    void aFileThatDoesNotFitTogetherIsRefusedByName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("e.safetensors");
        Map<String, Tensor> tensors = new HashMap<>(Map.of(
                "images", Tensor.of(IMAGES, 5, 2), "texts", Tensor.of(TEXTS, 2, 2), "labels", Tensor.of(LABELS, 5)));
        SafetensorsWriter.write(file, tensors, Map.of(), SafetensorsWriter.Seal.NONE);
        assertThat(ClipEmbeddings.read(file).labels()).containsExactly(LABELS);
        tensors.put("labels", Tensor.of(new int[] {0, 1}, 2));
        SafetensorsWriter.write(file, tensors, Map.of(), SafetensorsWriter.Seal.NONE);
        assertThatThrownBy(() -> ClipEmbeddings.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("e.safetensors: images has 10 values, allowed: 2 labels");
        tensors.remove("labels");
        SafetensorsWriter.write(file, tensors, Map.of(), SafetensorsWriter.Seal.NONE);
        assertThatThrownBy(() -> ClipEmbeddings.read(file)).hasMessageContaining("tensor 'labels' is missing");
    }

    private static void refused(float[] images, float[] texts, int[] labels, int d, String message) {
        assertThatThrownBy(() -> new ClipEmbeddings(images, texts, labels, d))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
