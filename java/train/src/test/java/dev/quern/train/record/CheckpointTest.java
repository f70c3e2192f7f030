package dev.quern.train.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final Checkpoint CHECKPOINT = new Checkpoint(
            Map.of("model.w", Tensor.of(new float[] {1, -2, 3}, 3), "epoch.samples", Tensor.of(new int[] {4, 5}, 2)),
            Map.of("progress", "{\"epoch\":2}"));

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenComesBack() throws IOException {
        Path file = folder.resolve("c.safetensors");
        CHECKPOINT.write(file);
        Checkpoint read = Checkpoint.read(file);
        assertThat(read.tensors().keySet()).containsExactlyInAnyOrder("model.w", "epoch.samples");
        assertThat(read.tensors().get("model.w").toFloats()).containsExactly(1, -2, 3);
        assertThat(read.part("epoch.").get("samples").toInts()).containsExactly(4, 5);
        assertThat(read.metadata()).containsEntry("progress", "{\"epoch\":2}");
    }

    @Test
    void everyTruncationIsDetected() throws IOException {
        Path file = folder.resolve("c.safetensors");
        CHECKPOINT.write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoint.read(file))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("c.safetensors");
        }
    }

    @Test
    void everyFlippedBitIsDetected() throws IOException {
        Path file = folder.resolve("c.safetensors");
        CHECKPOINT.write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, damaged);
            assertThatThrownBy(() -> Checkpoint.read(file))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("c.safetensors");
        }
    }

    @Test
    void randomDamageToALargerCheckpointIsDetected() throws IOException {
        long seed = Long.getLong("seed", 3);
        Random random = new Random(seed);
        Path file = folder.resolve("c.safetensors");
        new Checkpoint(Map.of("w", Tensor.of(new float[16_384], 16_384)), Map.of()).write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = i % 2 == 0 ? whole.clone() : Arrays.copyOf(whole, random.nextInt(whole.length));
            if (i % 2 == 0) {
                damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, damaged);
            assertThatThrownBy(() -> Checkpoint.read(file))
                    .as("-Dseed=%d, case %d", seed, i)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void onlyTheLastThreeAreKept() throws IOException {
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        for (int step = 8; step <= 12; step++) {
            checkpoints.save(step, CHECKPOINT);
        }
        assertThat(names())
                .containsExactly(
                        "step-0000000010.safetensors", "step-0000000011.safetensors", "step-0000000012.safetensors");
    }

    @Test
    void aDamagedNewestOneIsReportedSetAsideAndThePreviousUsed() throws IOException {
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        checkpoints.save(1, new Checkpoint(Map.of(), Map.of("at", "1")));
        checkpoints.save(2, new Checkpoint(Map.of(), Map.of("at", "2")));
        Path newest = folder.resolve("step-0000000002.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length - 1] ^= 1;
        Files.write(newest, bytes);
        List<String> reports = new ArrayList<>();
        Optional<Checkpoint> found = checkpoints.newest(reports::add);
        assertThat(found.orElseThrow().metadata()).containsEntry("at", "1");
        assertThat(reports)
                .singleElement()
                .asString()
                .contains("step-0000000002.safetensors", "SHA-256", "step-0000000001.safetensors");
        assertThat(names()).contains("step-0000000002.safetensors.damaged");
    }

    @Test
    void whenNoneIsWholeAllAreNamed() throws IOException {
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        Files.writeString(folder.resolve("step-0000000001.safetensors"), "x");
        Files.writeString(folder.resolve("step-0000000002.safetensors"), "y");
        assertThatThrownBy(() -> checkpoints.newest(report -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("no checkpoint is whole", "step-0000000001", "step-0000000002");
    }

    @Test
    void anEmptyFolderHasNone() throws IOException {
        assertThat(new CheckpointFolder(folder).newest(report -> {})).isEmpty();
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
