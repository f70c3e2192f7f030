package dev.quern.nn;

import org.bytedeco.pytorch.Tensor;

/** One named weight of a network: a view into the flat tensor of {@link FlatParameters}, as is its gradient. */
public final class Parameter {
    /** What a weight is for, which decides its initial value. */
    enum Role {
        CONVOLUTION,
        LINEAR_WEIGHT,
        LINEAR_BIAS,
        NORM_WEIGHT,
        NORM_BIAS,
        EMBEDDING
    }

    private final String name;
    private final Role role;
    private final long[] shape;
    private final long fanIn;
    private Tensor value;

    Parameter(String name, Role role, long fanIn, long... shape) {
        this.name = name;
        this.role = role;
        this.fanIn = fanIn;
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

    Role role() {
        return role;
    }

    long fanIn() {
        return fanIn;
    }

    void bind(Tensor view) {
        this.value = view;
    }
}
