package dev.quern.nn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.nn.Autocast;
import dev.quern.nn.ImageClassifier;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Parameter;
import dev.quern.nn.Pass;
import dev.quern.nn.Precision;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.Work;
import dev.quern.train.optimizer.CrossEntropy;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family learns, in both precisions, and what it draws at random is decided by seed and step. */
@Tag("slow")
class NetworkLearningTest {

    enum Family {
        RESNET_BASIC(32, () -> Model.RESNET20.declare(CLASSES)),
        RESNET_BOTTLENECK(
                64,
                () -> ResidualNetwork.of(
                        ResidualNetwork.Stem.IMAGENET,
                        ResidualBlock.Kind.BOTTLENECK,
                        ResidualBlock.Shortcut.PROJECTION,
                        new int[] {8, 16, 32},
                        new int[] {1, 2, 1},
                        CLASSES)),
        WRN(32, () -> WideResidualNetwork.of(WideResidualNetwork.Variant.STANDARD, 10, 1, CLASSES)),
        WRN_AUTHOR(32, () -> WideResidualNetwork.of(WideResidualNetwork.Variant.AUTHOR, 10, 1, CLASSES)),
        SHAKE_SHAKE(32, () -> ShakeShakeNetwork.of(14, 8, CLASSES)),
        VGG(64, () -> VggNetwork.small(VggNetwork.Norm.BATCH, CLASSES)),
        VGG_IMAGENET(64, () -> VggNetwork.imageNet(VggNetwork.Norm.NONE, 32, CLASSES)),
        DENSENET(32, () -> DenseNetwork.of(DenseNetwork.Stem.SMALL_IMAGES, new int[] {2, 2, 2}, CLASSES)),
        DENSENET_IMAGENET(64, () -> DenseNetwork.of(DenseNetwork.Stem.IMAGENET, new int[] {2, 2, 2}, CLASSES)),
        VIT(32, () -> new VisionTransformer(32, 8, 2, 4, 32, 64).build(CLASSES)),
        SWIN(64, () -> SwinTransformer.of(12, new int[] {2, 2}, new int[] {2, 4}, CLASSES));

        private final int side;
        private final Supplier<Network> network;

        Family(int side, Supplier<Network> network) {
            this.side = side;
            this.network = network;
        }

        private Network open() {
            Network opened = network.get();
            opened.flat().allocate();
            HashedWeights.fill(opened, 6);
            return opened;
        }
    }

    private static final int CLASSES = 4;
    private static final int BATCH = 4;

    @BeforeAll
    static void useTwoThreads() {
        TorchThreads.set(2);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void everyParameterGetsAFiniteGradient(Family family) {
        for (Precision precision : Precision.values()) {
            try (PointerScope scope = new PointerScope();
                    Network network = family.open()) {
                double loss = backward(network, family.side, precision);
                assertThat(loss).as("%s", precision).isFinite();
                for (Parameter parameter : network.parameters()) {
                    double norm = parameter.value().grad().abs().sum().item_double();
                    assertThat(norm)
                            .as("%s %s", precision, parameter.name())
                            .isFinite()
                            .isPositive();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aPassIsAFunctionOfWeightsImagesSeedAndStep(Family family) {
        try (PointerScope scope = new PointerScope();
                Network network = family.open()) {
            Tensor first = gradient(network, family.side, 7, 3);
            assertThat(gradient(network, family.side, 7, 3).equal(first)).isTrue();
            boolean random = switch (family) {
                case SHAKE_SHAKE, VGG_IMAGENET, SWIN -> true;
                default -> false;
            };
            assertThat(gradient(network, family.side, 7, 4).equal(first)).isNotEqualTo(random);
            assertThat(gradient(network, family.side, 8, 3).equal(first)).isNotEqualTo(random);
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void everyConvolutionSeesItsChannelsLast(Family family) {
        Work order = new Work() {
            @Override
            public void convolution(Tensor x, Tensor weight, long stride) {
                assertThat(x.suggest_memory_format().intern())
                        .as("%s", Arrays.toString(x.shape()))
                        .isEqualTo(MemoryFormat.ChannelsLast);
            }
        };
        try (PointerScope scope = new PointerScope();
                ImageClassifier network = (ImageClassifier) family.open()) {
            for (Mode mode : Mode.values()) {
                network.features(HashedWeights.images(2, family.side, family.side), new Pass(mode, 0, 0, order));
            }
        }
    }

    private static Tensor gradient(Network network, int side, long seed, long step) {
        network.flat().zeroGradients();
        network.randomness(seed, step);
        backward(network, side, Precision.FP32);
        return network.flat().gradients().clone();
    }

    private static double backward(Network network, int side, Precision precision) {
        network.mode(Mode.TRAIN);
        Tensor features;
        try (Autocast autocast = Autocast.to(precision)) {
            features = network.features(HashedWeights.images(BATCH, side, side));
        }
        Tensor loss = new CrossEntropy(0, 0).loss(network.classify(features), torch.tensor(0L, 1L, 2L, 3L));
        loss.backward();
        return loss.item_double();
    }
}
