package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;

/** One named weight of a network: a view into the flat tensor of {@link FlatParameters}, as is its gradient. */
public final class Parameter {
    private final String name;
    private final InitialValue start;
    private final long[] shape;
    private Tensor value;

    Parameter(String name, InitialValue start, long... shape) {
        this.name = name;
        this.start = start;
        this.shape = shape;
    }

    /** Its name in the public state dict, such as {@code layer1.0.conv1.weight}. */
    public String name() {
        return name;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public long size() {
        long size = 1;
        for (long length : shape) {
            size *= length;
        }
        return size;
    }

    /** The weight itself, owned by the network. */
    public Tensor value() {
        return value;
    }

    InitialValue start() {
        return start;
    }

    void bind(Tensor view) {
        this.value = view;
    }
}
