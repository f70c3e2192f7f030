package dev.quern.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.io.SafetensorsFile;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each family beside torchvision's or a plain PyTorch network with the same weights: {@code make_network_parity.py}. */
class NetworkParityTest {

    /** The networks as they are, but for three whose size shows nothing that a small one does not. */
    enum Case {
        RESNET18(Model.RESNET18, 32, 32, 3),
        RESNET50(Model.RESNET50, 32, 32, 3),
        RESNET18_IMAGENET(Model.RESNET18_IMAGENET, 64, 64, 3),
        RESNET50_IMAGENET(Model.RESNET50_IMAGENET, 64, 64, 3),
        WRN_16_2(() -> WideResidualNetwork.of(WideResidualNetwork.Variant.STANDARD, 16, 2, CLASSES), 32, 32, 3),
        WRN_16_2_AUTHOR(() -> WideResidualNetwork.of(WideResidualNetwork.Variant.AUTHOR, 16, 2, CLASSES), 32, 32, 3),
        SHAKE_SHAKE_26_2X32D(Model.SHAKE_SHAKE_26_2X32D, 32, 32, 3),
        VGG16_BN(Model.VGG16_BN, 64, 64, 5),
        VGG16_IMAGENET(() -> VggNetwork.imageNet(VggNetwork.Norm.NONE, 64, CLASSES), 64, 64, 6),
        VGG16_BN_IMAGENET(() -> VggNetwork.imageNet(VggNetwork.Norm.BATCH, 64, CLASSES), 64, 64, 5),
        DENSENET121(Model.DENSENET121, 32, 32, 6),
        DENSENET121_IMAGENET(Model.DENSENET121_IMAGENET, 64, 64, 4),
        VIT_TINY(() -> new VisionTransformer(32, 8, 3, 4, 48, 96).build(CLASSES), 32, 32, 3),
        /** Sides of 21×14, 11×7, 6×4 and 3×2 tokens: padded and whole windows, both shifts, odd merging. */
        SWIN_T(Model.SWIN_T, 84, 56, 3);

        private final Supplier<Network> network;
        private final int height;
        private final int width;
        private final double gain;

        Case(Model model, int height, int width, double gain) {
            this(() -> model.declare(CLASSES), height, width, gain);
        }

        Case(Supplier<Network> network, int height, int width, double gain) {
            this.network = network;
            this.height = height;
            this.width = width;
            this.gain = gain;
        }

        private String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int CLASSES = 10;
    private static final int BATCH = 2;

    @BeforeAll
    static void useTwoThreads() {
        TorchThreads.set(2);
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void featuresAndLogitsEqualThoseOfTheReference(Case expected) throws IOException, URISyntaxException {
        try (Network network = expected.network.get();
                SafetensorsFile reference = SafetensorsFile.open(reference());
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            network.flat().allocate();
            HashedWeights.fill(network, expected.gain);
            network.mode(Mode.EVALUATE);
            Tensor images = HashedWeights.images(BATCH, expected.height, expected.width);
            Tensor features = network.features(images.contiguous(MemoryFormat.ChannelsLast));
            assertClose(features, reference.read(expected.label() + ".features"));
            assertClose(network.classify(features), reference.read(expected.label() + ".logits"));
        }
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void namesAreThoseOfTheReference(Case expected) throws IOException, URISyntaxException {
        try (Network network = expected.network.get();
                SafetensorsFile reference = SafetensorsFile.open(reference())) {
            network.flat().allocate();
            CRC32 names = new CRC32();
            names.update(String.join("\n", new TreeSet<>(StateDict.of(network).keySet()))
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(reference.read(expected.label() + ".names").bytes().getLong(0))
                    .isEqualTo(names.getValue());
        }
    }

    private static Path reference() throws URISyntaxException {
        return Path.of(NetworkParityTest.class
                .getResource("network_parity.safetensors")
                .toURI());
    }

    private static void assertClose(Tensor found, dev.quern.io.Tensor expected) {
        assertThat(found.shape()).isEqualTo(expected.shape());
        float[] values = expected.toFloats();
        float[] foundValues = new float[values.length];
        TensorMemory.bytes(found.contiguous()).asFloatBuffer().get(foundValues);
        for (int i = 0; i < values.length; i++) {
            assertThat(foundValues[i]).as("place %d", i).isCloseTo(values[i], within(1e-4f));
        }
    }
}
