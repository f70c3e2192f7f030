package dev.quern.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files. The bytes depend on the content alone: tensors stand by descending element size, then type and name, metadata by
 * key, and the data starts at a multiple of 8, so that every tensor is aligned to its element size.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final JsonFactory JSON = new JsonFactory();

    /** Whether the file ends with the SHA-256 of its content. */
    public enum Seal {
        NONE,
        SHA256
    }

    private SafetensorsWriter() {}

    /**
     * Replaces {@code file}, atomically.
     *
     * @param tensors by name; the names "__metadata__" and (in a sealed file) "sha256" are reserved
     * @throws IOException naming the file and the cause; the old file is then intact
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata, Seal seal)
            throws IOException {
        requireFree("__metadata__", tensors);
        List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparing(
                        (Map.Entry<String, Tensor> entry) -> entry.getValue().type())
                .thenComparing(Map.Entry::getKey));
        if (seal == Seal.SHA256) {
            requireFree(SafetensorsFile.SEAL, tensors);
            ordered.add(Map.entry(
                    SafetensorsFile.SEAL, Tensor.of(new byte[SafetensorsFile.SEAL_BYTES], SafetensorsFile.SEAL_BYTES)));
        }
        byte[] header = header(ordered, metadata);
        requireReadable(header, ordered);
        AtomicFile.write(file, channel -> {
            if (seal == Seal.SHA256) {
                Sealing sealing = new Sealing(channel);
                body(sealing, header, ordered.subList(0, ordered.size() - 1));
                AtomicFile.writeFully(channel, ByteBuffer.wrap(sealing.digest.digest()));
            } else {
                body(channel, header, ordered);
            }
        });
    }

    private static void body(WritableByteChannel channel, byte[] header, List<Map.Entry<String, Tensor>> ordered)
            throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .flip();
        AtomicFile.writeFully(channel, length);
        AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
        for (Map.Entry<String, Tensor> entry : ordered) {
            AtomicFile.writeFully(channel, entry.getValue().bytes());
        }
    }

    private static byte[] header(List<Map.Entry<String, Tensor>> ordered, Map<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (Map.Entry<String, Tensor> entry : ordered) {
                Tensor tensor = entry.getValue();
                long end = offset + tensor.bytes().remaining();
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", tensor.type().name());
                json.writeFieldName("shape");
                json.writeArray(tensor.shape(), 0, tensor.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, end}, 0, 2);
                json.writeEndObject();
                offset = end;
            }
            json.writeEndObject();
        }
        while (bytes.size() % ALIGNMENT != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static void requireFree(String reserved, Map<String, Tensor> tensors) {
        if (tensors.containsKey(reserved)) {
            throw new IllegalArgumentException("tensor name is '" + reserved + "', allowed: any other");
        }
    }

    private static void requireReadable(byte[] header, List<Map.Entry<String, Tensor>> ordered) {
        if (header.length > Limits.SAFETENSORS_HEADER_BYTES || ordered.size() > Limits.SAFETENSORS_TENSORS) {
            throw new IllegalArgumentException(
                    "header is " + header.length + " bytes for " + ordered.size() + " tensors, allowed: "
                            + Limits.SAFETENSORS_HEADER_BYTES + " bytes, " + Limits.SAFETENSORS_TENSORS + " tensors");
        }
        for (Map.Entry<String, Tensor> entry : ordered) {
            if (entry.getValue().shape().length > Limits.RANK) {
                throw new IllegalArgumentException("tensor '" + entry.getKey() + "' has "
                        + entry.getValue().shape().length + " dimensions, allowed: at most " + Limits.RANK);
            }
        }
    }

    /** Digests what passes through. */
    private static final class Sealing implements WritableByteChannel {
        private final WritableByteChannel channel;
        private final MessageDigest digest = SafetensorsFile.sha256();

        Sealing(WritableByteChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            ByteBuffer written = bytes.duplicate();
            int count = channel.write(bytes);
            digest.update(written.limit(written.position() + count));
            return count;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
