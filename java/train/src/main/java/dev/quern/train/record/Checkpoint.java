package dev.quern.train.record;

import dev.quern.io.SafetensorsFile;
import dev.quern.io.SafetensorsWriter;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The whole state of a run at one step: a safetensors file whose last tensor is the SHA-256 of all bytes before it.
 *
 * @param tensors by name; weights under {@code model.}, the optimiser's under {@code optimizer.}, the loss scale's as
 *     {@code scaler}, selection's under {@code
 *     selection.}, an adaptive augmentation's under {@code adaptation.}
 * @param metadata resolved configuration, environment and progress as JSON
 */
public record Checkpoint(Map<String, Tensor> tensors, Map<String, String> metadata) {
    static final String FORMAT = "quern-checkpoint-1";

    /** Replaces {@code file}, atomically. */
    public void write(Path file) throws IOException {
        Map<String, String> stamped = new LinkedHashMap<>(metadata);
        stamped.put("format", FORMAT);
        SafetensorsWriter.write(file, tensors, stamped, SafetensorsWriter.Seal.SHA256);
    }

    /**
     * Reads and verifies a checkpoint.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public static Checkpoint read(Path file) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            source.requireSeal();
            String format = source.metadata().get("format");
            if (!FORMAT.equals(format)) {
                throw new IOException(file + ": format is " + format + ", allowed: " + FORMAT);
            }
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String name : source.names()) {
                if (!name.equals(SafetensorsFile.SEAL)) {
                    tensors.put(name, source.read(name));
                }
            }
            return new Checkpoint(tensors, Map.copyOf(source.metadata()));
        }
    }

    /** The tensors whose names start with {@code prefix}, without it. */
    public Map<String, Tensor> part(String prefix) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), tensor);
            }
        });
        return part;
    }
}
