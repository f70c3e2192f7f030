package dev.quern.augment.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Mixing;
import dev.quern.augment.policy.Published.Benchmark;
import dev.quern.data.Profile;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Layout;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every policy against what Pillow, torchvision and NumPy make of the same random numbers: src/test/python/augment_reference.py. */
class AugmentReferenceTest {
    private static final JsonNode GOLDEN = golden();
    private static final int[][] SIZES = {{32, 32}, {24, 41}};
    private static final int[] EPOCHS = {0, 3};
    private static final int SAMPLES = 48;
    private static final long SEED = 7;

    static Stream<String> policiesOnBytes() {
        return names("bytes");
    }

    static Stream<String> masks() {
        return names("masks");
    }

    static Stream<String> mixes() {
        return names("mixes");
    }

    @ParameterizedTest
    @MethodSource("policiesOnBytes")
    void policiesOnBytesGiveThePixelsOfPillow(String text) throws IOException {
        for (int[] size : SIZES) {
            AugmentPolicy policy = policy(text, size);
            CRC32 crc = new CRC32();
            for (int epoch : EPOCHS) {
                crc.update(run(FusedAugment.UINT8, policy, epoch, size).bytes());
            }
            assertThat(Long.toHexString(crc.getValue())).isEqualTo(hex("bytes", text, size));
        }
    }

    /** Normalised so that no pixel of an image is 0, or any other colour that is filled in. */
    @ParameterizedTest
    @MethodSource("masks")
    void erasingHidesThePixelsOfTheReference(String text) throws IOException {
        Normalization aboveOne = new Normalization(new float[] {-1, -1, -1}, new float[] {1, 1, 1});
        for (Layout layout : Layout.values()) {
            FusedAugment kernel = FusedAugment.UINT8.normalized(DType.FLOAT32, layout, aboveOne);
            for (int[] size : SIZES) {
                AugmentPolicy policy = policy(text, size);
                CRC32 crc = new CRC32();
                for (int epoch : EPOCHS) {
                    float[] values = run(kernel, policy, epoch, size).floats();
                    crc.update(erased(values, size[0] * size[1], layout));
                }
                assertThat(Long.toHexString(crc.getValue())).isEqualTo(hex("masks", text, size));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mixes")
    void mixedImagesAndTheirLabelWeightsAreThoseOfTheReference(String text) throws IOException {
        FusedAugment kernel = FusedAugment.UINT8.normalized(DType.FLOAT32, Layout.NHWC, Normalization.NONE);
        for (int[] size : SIZES) {
            for (int epoch : EPOCHS) {
                Run run = run(kernel, policy(text, size), epoch, size);
                JsonNode expected = GOLDEN.get("mixes").get(text).get(size[0] + "x" + size[1] + "/" + epoch);
                CRC32 crc = new CRC32();
                crc.update(run.bytes());
                assertThat(String.format("%08x", crc.getValue()))
                        .isEqualTo(expected.get("crc").asText());
                Mixing mixing = run.mixing().orElseThrow();
                assertThat((double) mixing.labelWeights()[5])
                        .isCloseTo(expected.get("lambda").asDouble(), within(1e-7));
            }
        }
    }

    @Test
    void theMagnitudeTablesAreThoseOfTorchvision() {
        for (TorchvisionSpace space : TorchvisionSpace.values()) {
            JsonNode table = GOLDEN.get("tables").get(space.name());
            assertThat(space.ops().stream().map(op -> op.name().replace("_", "").toLowerCase(java.util.Locale.ROOT)))
                    .containsExactlyElementsOf(fields(table)
                            .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                            .toList());
            fields(table).forEach(name -> {
                AugmentOp op = AutoAugment.op(name);
                JsonNode column = table.get(name);
                for (int level = 0; level < column.size(); level++) {
                    assertThat(magnitude(space, op, level))
                            .as("%s %s %d", space, name, level)
                            .isEqualTo(cut(op, column.get(level).asDouble()));
                }
            });
        }
    }

    @Test
    void thePoliciesOfAutoAugmentAreThoseOfTorchvision() {
        for (AutoAugment policy : AutoAugment.values()) {
            JsonNode expected = GOLDEN.get("policies").get(policy.name());
            assertThat(policy.policies()).hasSize(25).hasSameSizeAs(expected);
            for (int i = 0; i < 25; i++) {
                for (int k = 0; k < 2; k++) {
                    JsonNode op = expected.get(i).get(k);
                    assertThat(policy.policies().get(i).get(k))
                            .isEqualTo(new SubPolicies.Choice(
                                    AutoAugment.op(op.get(0).asText()),
                                    op.get(1).asDouble(),
                                    op.get(2).asInt()));
                }
            }
        }
    }

    private static double magnitude(OpSpace space, AugmentOp op, int level) {
        double value = space.value(op, level, 1, 224, 331);
        return switch (op.parameter()) {
            case FACTOR -> value - 1;
            case PIXELS -> value == 0 ? 0 : -value;
            default -> value;
        };
    }

    /** torchvision cuts translations to whole pixels when it applies them. */
    private static double cut(AugmentOp op, double magnitude) {
        return switch (op.parameter()) {
            case PIXELS -> (int) magnitude;
            case FACTOR -> 1 + magnitude - 1;
            default -> magnitude;
        };
    }

    private static AugmentPolicy policy(String text, int[] size) throws IOException {
        boolean released = text.startsWith("released ");
        Published published = Published.of(released ? Profile.RELEASED : Profile.PAPER, size[0], size[1], 10)
                .withBenchmark(Benchmark.CIFAR10);
        return Policies.parse(
                (released ? text.substring("released ".length()) : text).replace("searched.csv", searchedFile()),
                published);
    }

    private static String searchedFile() {
        try {
            return Path.of(AugmentReferenceTest.class
                            .getResource("searched.csv")
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private record Run(byte[] bytes, Optional<Mixing> mixing) {
        float[] floats() {
            float[] values = new float[bytes.length / Float.BYTES];
            java.nio.ByteBuffer.wrap(bytes)
                    .order(java.nio.ByteOrder.nativeOrder())
                    .asFloatBuffer()
                    .get(values);
            return values;
        }
    }

    private static Run run(FusedAugment kernel, AugmentPolicy policy, int epoch, int[] size) {
        long[] shape = kernel.layout() == Layout.NHWC
                ? new long[] {SAMPLES, size[0], size[1], 3}
                : new long[] {SAMPLES, 3, size[0], size[1]};
        try (Engine engine = Engine.open();
                NativeBuffer images = NativeBuffer.copyOf(images(size), SAMPLES, size[0], size[1], 3);
                NativeBuffer output = NativeBuffer.allocate(kernel.dtype(), shape);
                Augmenter augmenter = new Augmenter(engine, kernel, SAMPLES, size[0], size[1])) {
            int[] samples = IntStream.range(0, SAMPLES).toArray();
            Optional<Mixing> mixing =
                    augmenter.apply(policy, new Augmenter.Visit(SEED, epoch, samples), images, output);
            byte[] bytes = new byte[output.bytes().remaining()];
            output.bytes().get(bytes);
            assertThat(images.toBytes()).isEqualTo(images(size));
            return new Run(bytes, mixing);
        }
    }

    private static byte[] images(int[] size) {
        byte[] bytes = new byte[SAMPLES * size[0] * size[1] * 3];
        int at = 0;
        for (int s = 0; s < SAMPLES; s++) {
            for (int y = 0; y < size[0]; y++) {
                for (int x = 0; x < size[1]; x++) {
                    for (int c = 0; c < 3; c++) {
                        bytes[at++] = (byte) (s % 2 == 1 ? smooth(y, x, c, s) : rough(y, x, c, s));
                    }
                }
            }
        }
        return bytes;
    }

    private static int smooth(int y, int x, int c, int s) {
        return 40 + (x * (3 + c) + y * (5 - c) + 5 * s) % 120;
    }

    private static int rough(int y, int x, int c, int s) {
        return x * 37 + y * 91 + c * 53 + x * y % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1) + 13 * s;
    }

    private static byte[] erased(float[] values, int pixels, Layout layout) {
        byte[] mask = new byte[values.length / 3];
        for (int i = 0; i < mask.length; i++) {
            int at = layout == Layout.NHWC ? 3 * i : i / pixels * 3 * pixels + i % pixels;
            mask[i] = (byte) (values[at] < 1 ? 1 : 0);
        }
        return mask;
    }

    private static String hex(String part, String policy, int[] size) {
        String text = GOLDEN.get(part).get(policy).get(size[0] + "x" + size[1]).asText();
        return Long.toHexString(Long.parseLong(text, 16));
    }

    private static Stream<String> names(String part) {
        return fields(GOLDEN.get(part));
    }

    private static Stream<String> fields(JsonNode node) {
        return node.properties().stream().map(Map.Entry::getKey);
    }

    private static JsonNode golden() {
        try (InputStream json = AugmentReferenceTest.class.getResourceAsStream("policy_golden.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
