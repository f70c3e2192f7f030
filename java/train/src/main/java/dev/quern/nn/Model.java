package dev.quern.nn;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The networks by name. */
public enum Model {
    /** He et al. (2016), section 4.2: 3 stages of 3 blocks, parameter-free shortcuts. */
    RESNET20("resnet20", 64) {
        @Override
        Network build(int classes) {
            return new ResidualNetwork(new int[] {16, 32, 64}, 3, ResidualBlock.Shortcut.PAD, classes);
        }
    },
    /** ResNet-18 with a 3×3 stem for small images: 4 stages of 2 blocks, projection shortcuts. */
    RESNET18("resnet18", 512) {
        @Override
        Network build(int classes) {
            return new ResidualNetwork(new int[] {64, 128, 256, 512}, 2, ResidualBlock.Shortcut.PROJECTION, classes);
        }
    };

    /** Side in pixels of the images that the networks are made for; larger ones work too. */
    public static final int INPUT_SIZE = 32;

    private final String label;
    private final int featureSize;

    Model(String label, int featureSize) {
        this.label = label;
        this.featureSize = featureSize;
    }

    abstract Network build(int classes);

    /** What the command line calls it. */
    public String label() {
        return label;
    }

    /** Length of a penultimate feature vector. */
    public int featureSize() {
        return featureSize;
    }

    /** Number of trainable values for {@code classes} classes. */
    public long parameterCount(int classes) {
        try (Network network = create(classes)) {
            return network.flat().count();
        }
    }

    /**
     * Makes the network; its weights are zero until {@link Initialization} or {@link StateDict} fills them.
     *
     * @param classes ≥ 2
     */
    public Network create(int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException("classes is " + classes + ", allowed: ≥ 2");
        }
        return build(classes);
    }

    /** The network with that label. */
    public static Model of(String label) {
        return Arrays.stream(values())
                .filter(model -> model.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model is '" + label + "', allowed: "
                        + Arrays.stream(values()).map(Model::label).collect(Collectors.joining(", "))));
    }
}
