package dev.quern.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.MalformedFileException;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingPartsTest {
    private static final int ROWS = 2500;

    @TempDir
    Path folder;

    @Test
    void anInterruptedRunGoesOnWithThePartItWasAt() throws IOException {
        List<Integer> asked = new ArrayList<>();
        EmbeddingParts.Source dying = (first, count) -> {
            asked.add(first);
            if (first > 1000) {
                throw new IOException("killed");
            }
            return rows(first, count);
        };
        assertThatThrownBy(() -> open("a").rows("images", ROWS, 2, dying, (done, computed) -> {}))
                .hasMessage("killed");
        List<String> progress = new ArrayList<>();
        float[] resumed = open("a")
                .rows(
                        "images",
                        ROWS,
                        2,
                        (first, count) -> {
                            asked.add(first);
                            return rows(first, count);
                        },
                        (done, computed) -> progress.add(done + " " + computed));
        assertThat(asked).containsExactly(0, 1024, 1024, 2048);
        assertThat(progress).containsExactly("1024 0", "2048 1024", "2500 1476");
        assertThat(resumed).isEqualTo(rows(0, ROWS));
    }

    @Test
    void otherSettingsAreRefused() throws IOException {
        open("a");
        assertThatThrownBy(() -> open("b")).hasMessageContaining("holds parts of a, allowed: the same settings");
    }

    @Test
    void aPartOfAnotherShapeIsRefusedByName() throws IOException {
        EmbeddingParts parts = open("a");
        NpyFile.write(folder.resolve("out.safetensors.parts/images-0.npy"), Tensor.of(new float[6], 3, 2));
        assertThatThrownBy(() -> parts.rows("images", ROWS, 2, EmbeddingPartsTest::rows, (done, computed) -> {}))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("images-0.npy: array is F32[3, 2], allowed: F32[1024, 2]");
    }

    @Test
    void nothingIsLeftInTheEnd() throws IOException {
        EmbeddingParts parts = open("a");
        parts.rows("images", 3, 2, EmbeddingPartsTest::rows, (done, computed) -> {});
        parts.delete();
        assertThat(Files.list(folder)).isEmpty();
    }

    private EmbeddingParts open(String settings) throws IOException {
        return EmbeddingParts.of(folder.resolve("out.safetensors"), settings);
    }

    private static float[] rows(int first, int count) {
        float[] rows = new float[2 * count];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = 2 * first + i;
        }
        return rows;
    }
}
