package dev.quern.nn.model;

import dev.quern.nn.Network;
import dev.quern.nn.Parameter;
import dev.quern.nn.TensorMemory;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Weights and images that are a function of names and places alone, the same as in {@code make_network_parity.py}. */
final class HashedWeights {
    private HashedWeights() {}

    /**
     * Fills every weight and running statistic.
     *
     * @param gain of weights: their bound is √(gain / fan-in)
     */
    static void fill(Network network, double gain) {
        for (Parameter parameter : network.parameters()) {
            long[] shape = parameter.shape();
            if (shape.length > 1) {
                set(parameter.value(), parameter.name(), 0, (float) Math.sqrt(gain * shape[0] / parameter.size()));
            } else {
                boolean norm = parameter.name().endsWith("weight");
                set(parameter.value(), parameter.name(), norm ? 1 : 0, 0.25f);
            }
        }
        network.buffers().forEach((name, buffer) -> {
            if (name.endsWith("running_var")) {
                set(buffer, name, 1, 0.5f);
            } else if (name.endsWith("running_mean")) {
                set(buffer, name, 0, 0.25f);
            }
        });
    }

    static Tensor images(long batch, long height, long width) {
        Tensor images = torch.zeros(batch, 3, height, width);
        set(images, "images", 0, 1.75f);
        return images;
    }

    private static void set(Tensor tensor, String name, float centre, float scale) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        long key = crc.getValue() << 32;
        FloatBuffer values = TensorMemory.bytes(tensor).asFloatBuffer();
        IntStream.range(0, values.remaining())
                .parallel()
                .forEach(i -> values.put(i, centre + scale * uniform(key + i + 1)));
    }

    /** In [-1, 1) with 24 bits: splitmix64. */
    private static float uniform(long state) {
        long z = state * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 40) * 0x1p-23f - 1;
    }
}
