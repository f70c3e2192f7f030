package dev.quern.nn;

import dev.quern.random.Philox;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * Initial weights. Convolutions are Kaiming-normal by fan-out (He et al. 2015) with bias 0, norms 1 and 0, linear layers uniform in
 * ±1/√fan-in as PyTorch's, unless a network's own documentation says otherwise. Each value depends on the seed, the parameter's name and its place alone.
 */
public final class Initialization {
    /** Slots of {@link Philox} above those that quern-data uses. */
    private static final int RADIUS = 64;

    private static final int ANGLE = 65;
    private static final int UNIFORM = 66;

    private Initialization() {}

    /** Sets every weight and buffer of a network to its initial value. */
    public static void apply(Network network, long seed) {
        apply(network.flat(), seed);
        network.buffers().forEach((name, buffer) -> {
            if (name.endsWith(".running_var")) {
                fill(TensorMemory.bytes(buffer).asFloatBuffer(), 1);
            } else {
                buffer.zero_();
            }
        });
    }

    /** Sets every weight to its initial value. */
    public static void apply(FlatParameters parameters, long seed) {
        for (Parameter parameter : parameters.parameters()) {
            FloatBuffer values = TensorMemory.bytes(parameter.value()).asFloatBuffer();
            InitialValue start = parameter.start();
            switch (start.distribution()) {
                case CONSTANT -> fill(values, (float) start.scale());
                case NORMAL -> normal(values, seed, parameter.name(), start.scale());
                case UNIFORM -> uniform(values, seed, parameter.name(), start.scale());
            }
        }
    }

    /** Normal values by Box and Muller's transform, two to each pair of draws. */
    private static void normal(FloatBuffer values, long seed, String name, double deviation) {
        long key = key(name);
        int count = values.remaining();
        IntStream.range(0, (count + 1) / 2).parallel().forEach(pair -> {
            double radius = deviation * Math.sqrt(-2 * StrictMath.log(1 - Philox.uniform(seed, key, pair, RADIUS)));
            double angle = 2 * Math.PI * Philox.uniform(seed, key, pair, ANGLE);
            values.put(2 * pair, (float) (radius * StrictMath.cos(angle)));
            if (2 * pair + 1 < count) {
                values.put(2 * pair + 1, (float) (radius * StrictMath.sin(angle)));
            }
        });
    }

    private static void uniform(FloatBuffer values, long seed, String name, double bound) {
        long key = key(name);
        IntStream.range(0, values.remaining())
                .parallel()
                .forEach(i -> values.put(i, (float) (bound * (2 * Philox.uniform(seed, key, i, UNIFORM) - 1))));
    }

    private static void fill(FloatBuffer values, float value) {
        for (int i = 0; i < values.remaining(); i++) {
            values.put(i, value);
        }
    }

    /** Stands where other draws have the epoch. */
    private static long key(String name) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
