package dev.quern.nn.model;

import dev.quern.nn.ImageClassifier;
import dev.quern.nn.Network;
import dev.quern.nn.Work;
import dev.quern.nn.model.ResidualBlock.Kind;
import dev.quern.nn.model.ResidualBlock.Shortcut;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The networks by name. Convolutional ones without "imagenet" in their name have a stem for small images. */
public enum Model {
    /** He et al. (2016), section 4.2: 3 stages of 3 blocks, parameter-free shortcuts. */
    RESNET20(
            "resnet20",
            small(10, 100),
            classes -> ResidualNetwork.of(
                    ResidualNetwork.Stem.SMALL_IMAGES,
                    Kind.BASIC,
                    Shortcut.PAD,
                    new int[] {16, 32, 64},
                    new int[] {3, 3, 3},
                    classes)),
    RESNET18("resnet18", small(10, 100, 200), classes -> resnet18(ResidualNetwork.Stem.SMALL_IMAGES, classes)),
    RESNET50("resnet50", small(10, 100, 200), classes -> resnet50(ResidualNetwork.Stem.SMALL_IMAGES, classes)),
    RESNET10_IMAGENET("resnet10-imagenet", whole(), classes -> imageNet(Kind.BASIC, new int[] {1, 1, 1, 1}, classes)),
    RESNET18_IMAGENET("resnet18-imagenet", tinyAndWhole(), classes -> resnet18(ResidualNetwork.Stem.IMAGENET, classes)),
    RESNET50_IMAGENET("resnet50-imagenet", tinyAndWhole(), classes -> resnet50(ResidualNetwork.Stem.IMAGENET, classes)),
    RESNET152_IMAGENET(
            "resnet152-imagenet", whole(), classes -> imageNet(Kind.BOTTLENECK, new int[] {3, 8, 36, 3}, classes)),
    WRN_28_10(
            "wrn-28-10",
            small(10, 100),
            classes -> WideResidualNetwork.of(WideResidualNetwork.Variant.STANDARD, 28, 10, classes)),
    WRN_28_10_AUTHOR(
            "wrn-28-10-author",
            small(10, 100),
            classes -> WideResidualNetwork.of(WideResidualNetwork.Variant.AUTHOR, 28, 10, classes)),
    SHAKE_SHAKE_26_2X32D("shake-shake-26-2x32d", small(10, 100), classes -> ShakeShakeNetwork.of(26, 32, classes)),
    SHAKE_SHAKE_26_2X96D("shake-shake-26-2x96d", small(10, 100), classes -> ShakeShakeNetwork.of(26, 96, classes)),
    SHAKE_SHAKE_26_2X112D("shake-shake-26-2x112d", small(10, 100), classes -> ShakeShakeNetwork.of(26, 112, classes)),
    VGG16_BN("vgg16-bn", 32, small(100, 200), classes -> VggNetwork.small(VggNetwork.Norm.BATCH, classes)),
    VGG16_IMAGENET("vgg16-imagenet", 32, whole(), classes -> VggNetwork.imageNet(VggNetwork.Norm.NONE, 4096, classes)),
    VGG16_BN_IMAGENET(
            "vgg16-bn-imagenet", 32, whole(), classes -> VggNetwork.imageNet(VggNetwork.Norm.BATCH, 4096, classes)),
    DENSENET121(
            "densenet121",
            8,
            small(100, 200),
            classes -> DenseNetwork.of(DenseNetwork.Stem.SMALL_IMAGES, DenseNetwork.BLOCKS_121, classes)),
    DENSENET121_IMAGENET(
            "densenet121-imagenet",
            32,
            whole(),
            classes -> DenseNetwork.of(DenseNetwork.Stem.IMAGENET, DenseNetwork.BLOCKS_121, classes)),
    VIT_B_16("vit-b-16", new VisionTransformer(224, 16, 12, 12, 768, 3072)),
    VIT_B_32("vit-b-32", new VisionTransformer(224, 32, 12, 12, 768, 3072)),
    VIT_L_16("vit-l-16", new VisionTransformer(224, 16, 24, 16, 1024, 4096)),
    SWIN_T(
            "swin-t",
            4,
            whole(),
            classes -> SwinTransformer.of(96, new int[] {2, 2, 6, 2}, new int[] {3, 6, 12, 24}, classes));

    private static final int[] WIDTHS = {64, 128, 256, 512};

    private final String label;
    private final int smallestSide;
    private final int largestSide;
    private final List<Setting> settings;
    private final IntFunction<ImageClassifier> builder;

    /**
     * What a network is published for.
     *
     * @param side of its square images in pixels
     */
    public record Setting(int classes, int side) {}

    Model(String label, List<Setting> settings, IntFunction<ImageClassifier> builder) {
        this(label, 1, settings, builder);
    }

    Model(String label, int smallestSide, List<Setting> settings, IntFunction<ImageClassifier> builder) {
        this(label, smallestSide, Integer.MAX_VALUE, settings, builder);
    }

    Model(String label, VisionTransformer transformer) {
        this(label, transformer.side(), transformer.side(), whole(), transformer::build);
    }

    Model(
            String label,
            int smallestSide,
            int largestSide,
            List<Setting> settings,
            IntFunction<ImageClassifier> builder) {
        this.label = label;
        this.smallestSide = smallestSide;
        this.largestSide = largestSide;
        this.settings = settings;
        this.builder = builder;
    }

    private static ImageClassifier resnet18(ResidualNetwork.Stem stem, int classes) {
        return ResidualNetwork.of(stem, Kind.BASIC, Shortcut.PROJECTION, WIDTHS, new int[] {2, 2, 2, 2}, classes);
    }

    private static ImageClassifier resnet50(ResidualNetwork.Stem stem, int classes) {
        return ResidualNetwork.of(stem, Kind.BOTTLENECK, Shortcut.PROJECTION, WIDTHS, new int[] {3, 4, 6, 3}, classes);
    }

    private static ImageClassifier imageNet(Kind kind, int[] blocks, int classes) {
        return ResidualNetwork.of(ResidualNetwork.Stem.IMAGENET, kind, Shortcut.PROJECTION, WIDTHS, blocks, classes);
    }

    /** CIFAR's 32 pixels, or Tiny-ImageNet's 64 where there are its 200 classes. */
    private static List<Setting> small(int... classes) {
        return IntStream.of(classes)
                .mapToObj(count -> new Setting(count, count == 200 ? 64 : 32))
                .toList();
    }

    private static List<Setting> whole() {
        return List.of(new Setting(1000, 224));
    }

    private static List<Setting> tinyAndWhole() {
        return List.of(new Setting(1000, 224), new Setting(200, 64));
    }

    /** What the command line calls it. */
    public String label() {
        return label;
    }

    /** What it is published for, the usual setting first. */
    public List<Setting> settings() {
        return settings;
    }

    /** Length of a penultimate feature vector. */
    public int featureSize() {
        return declare(2).featureSize();
    }

    /** Number of trainable values for {@code classes} classes. */
    public long parameterCount(int classes) {
        return declare(classes).flat().count();
    }

    /**
     * Multiply-adds of convolutions, linear layers and attention for one image; what runs element by element does not count.
     *
     * @param setting of an image that {@link #requireImages} allows
     */
    public long multiplyAdds(Setting setting) {
        LongAdder sum = new LongAdder();
        show(setting, new Work() {
            @Override
            public void multiplyAdds(long count) {
                sum.add(count);
            }
        });
        return sum.sum();
    }

    /** Shows the work for one image of a setting, without memory for weights. */
    void show(Setting setting, Work work) {
        requireImages(setting.side(), setting.side());
        try (ImageClassifier network = declare(setting.classes())) {
            network.flat().allocateShapes();
            network.show(setting.side(), work);
        }
    }

    /**
     * Makes the network; its weights are zero until {@link dev.quern.nn.Initialization} or {@link dev.quern.nn.StateDict} fills them.
     *
     * @param classes ≥ 2
     */
    public Network create(int classes) {
        Network network = declare(classes);
        network.flat().allocate();
        return network;
    }

    /** The network without memory for its weights. */
    public ImageClassifier declare(int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException("classes is " + classes + ", allowed: ≥ 2");
        }
        return builder.apply(classes);
    }

    /** Refuses images of a size that the network cannot take. */
    public void requireImages(int height, int width) {
        if (Math.min(height, width) < smallestSide || Math.max(height, width) > largestSide) {
            String side = smallestSide + "×" + smallestSide;
            throw new IllegalArgumentException("images are " + width + "×" + height + ", allowed for " + label + ": "
                    + (smallestSide == largestSide ? side : "at least " + side));
        }
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
