package dev.quern.adaptive;

import dev.quern.data.ImageDataset;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;

/** The magnitude of every training sample, in [0, 1]. A sample is visited at most once an epoch, so what a visit writes holds for the next epoch. */
public final class Magnitudes {
    /** The name of {@link #state} in checkpoints. */
    public static final String KEY = "magnitudes";

    private final float[] values;
    private final int[] labels;
    private final int classes;

    /** All 0. */
    public Magnitudes(ImageDataset data) {
        values = new float[data.size()];
        labels = IntStream.range(0, data.size()).map(data::label).toArray();
        classes = data.classNames().size();
    }

    /** The magnitude of a sample. */
    public double get(int sample) {
        return values[sample];
    }

    /** The magnitudes of samples. */
    public float[] get(int[] samples) {
        float[] found = new float[samples.length];
        for (int i = 0; i < samples.length; i++) {
            found[i] = values[samples[i]];
        }
        return found;
    }

    /** Replaces the magnitudes of samples. */
    public void put(int[] samples, float[] magnitudes) {
        for (int i = 0; i < samples.length; i++) {
            values[samples[i]] = magnitudes[i];
        }
    }

    /** How they are distributed now. */
    public MagnitudeMetrics metrics() {
        return MagnitudeMetrics.of(values, labels, classes);
    }

    /** All of them [N], for checkpoints. */
    public Tensor state() {
        return Tensor.of(values, values.length);
    }

    /** Takes them back from a checkpoint. */
    public void restore(Map<String, Tensor> state) throws IOException {
        float[] found = require(state, KEY, TensorType.F32, values.length).toFloats();
        System.arraycopy(found, 0, values, 0, values.length);
    }

    /** A tensor of an adaptation's state. */
    public static Tensor require(Map<String, Tensor> state, String name, TensorType type, long count)
            throws IOException {
        Tensor found = state.get(name);
        if (found == null || found.type() != type || found.count() != count) {
            throw new IOException("checkpoint: tensor 'adaptation." + name + "' is " + found + ", allowed: " + type
                    + "[" + count + "]");
        }
        return found;
    }
}
