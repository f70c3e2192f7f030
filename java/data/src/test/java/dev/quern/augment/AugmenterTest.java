package dev.quern.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.augment.Augmenter.Visit;
import dev.quern.augment.policy.OpSpace;
import dev.quern.augment.policy.Policies;
import dev.quern.augment.policy.Published;
import dev.quern.augment.policy.TorchvisionSpace;
import dev.quern.augment.step.AdvMask;
import dev.quern.augment.step.FixedOp;
import dev.quern.data.Profile;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Layout;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.kernels.NarrowFloats;
import dev.quern.kernels.NativeBuffer;
import dev.quern.random.Philox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmenterTest {
    private static final int SIDE = 16;
    private static final int BYTES = SIDE * SIDE * 3;
    private static final FusedAugment FLOATS =
            FusedAugment.UINT8.normalized(DType.FLOAT32, Layout.NHWC, Normalization.CIFAR10);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "randaugment:n=4,m=20",
                "trivialaugment:space=wide",
                "autoaugment",
                "augmix",
                "has",
                "random-erasing:p=1",
                "gridmask:least=4,most=8",
                "patch-gaussian:size=8,maxscale=0.5",
                "flipUD(0.5)+blur(0.5)+rotate(30,1,variable)+cutout(4,0.5)+randomerasing(1)"
            })
    void aSamplesFateDependsOnSeedEpochAndSampleAlone(String text) throws IOException {
        StepPolicy policy = policy(text);
        int[] samples = IntStream.range(100, 164).toArray();
        int[] order = Philox.shuffle(samples.clone(), 5, 1, 99);
        float[] inOrder = run(policy, new Visit(3, 2, samples)).values();
        float[] shuffled = run(policy, new Visit(3, 2, order)).values();
        for (int row = 0; row < order.length; row++) {
            int from = order[row] - 100;
            assertThat(Arrays.copyOfRange(shuffled, row * BYTES, (row + 1) * BYTES))
                    .isEqualTo(Arrays.copyOfRange(inOrder, from * BYTES, (from + 1) * BYTES));
        }
        assertThat(run(policy, new Visit(4, 2, samples)).values()).isNotEqualTo(inOrder);
        assertThat(run(policy, new Visit(3, 3, samples)).values()).isNotEqualTo(inOrder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixup()", "cutmix()"})
    void mixingNamesThePartnersAndWeightsOfEveryImage(String text) throws IOException {
        int[] samples = IntStream.range(0, 8).toArray();
        float[] plain = run(policy("flipLR(0)"), new Visit(3, 2, samples)).values();
        Result mixed = run(policy(text), new Visit(3, 2, samples));
        Mixing mixing = mixed.mixing().orElseThrow();
        assertThat(mixing.partners()).containsExactlyInAnyOrder(samples);
        double taken = 0;
        for (int row = 0; row < samples.length; row++) {
            for (int at = 0; at < BYTES; at++) {
                float own = plain[row * BYTES + at];
                float other = plain[mixing.partners()[row] * BYTES + at];
                float found = mixed.values()[row * BYTES + at];
                boolean inBox = mixing.boxes().length > 0
                        && at / 3 / SIDE >= mixing.boxes()[0]
                        && at / 3 / SIDE < mixing.boxes()[2]
                        && at / 3 % SIDE >= mixing.boxes()[1]
                        && at / 3 % SIDE < mixing.boxes()[3];
                taken += inBox ? 1.0 / BYTES / samples.length : 0;
                double weight = inBox ? 0 : mixing.imageWeights()[row];
                assertThat((double) found).isCloseTo(weight * own + (1 - weight) * other, within(1e-5));
            }
        }
        double share = mixing.boxes().length > 0 ? taken : 1 - mixing.imageWeights()[0];
        assertThat((double) mixing.labelWeights()[3]).isCloseTo(1 - share, within(1e-6));
    }

    @Test
    void neighbouringStepsShareAPassWhereTheKernelsOrderAllowsIt() throws IOException {
        assertThat(passes("trivialaugment")).isEqualTo(1);
        assertThat(passes("cutout")).isEqualTo(1);
        assertThat(passes("autoaugment")).isEqualTo(2);
        assertThat(passes("equalize(1)+equalize(1)+equalize(1)+equalize(1)+basic()"))
                .isEqualTo(1);
        assertThat(passes("equalize(1)+equalize(1)+equalize(1)+equalize(1)+equalize(1)"))
                .isEqualTo(2);
        assertThat(passes("flipLR(1)+flipLR(1)")).isEqualTo(2);
        assertThat(passes("basic()+flipUD(1)")).isEqualTo(2);
        assertThat(passes("augmix")).isEqualTo(3);
    }

    @Test
    void opsRunInTheOrderInWhichTheyAreWritten() throws IOException {
        Visit visit = new Visit(1, 1, new int[] {7});
        float[] oneWay = run(policy("solarize(100,1)+posterize(1,1)"), visit).values();
        float[] otherWay = run(policy("posterize(1,1)+solarize(100,1)"), visit).values();
        float[] twice = run(policy("flipLR(1)+flipLR(1)"), visit).values();
        assertThat(oneWay).isNotEqualTo(otherWay);
        assertThat(twice).isEqualTo(run(policy("flipLR(0)"), visit).values());
    }

    @Test
    void levelZeroLeavesImagesAsTheyAreUnderEveryOpWithAMagnitude() {
        for (OpSpace space : new OpSpace[] {
            TorchvisionSpace.AUTO_AUGMENT, TorchvisionSpace.RAND_AUGMENT, TorchvisionSpace.TRIVIAL_WIDE
        }) {
            for (AugmentOp op : space.ops()) {
                if (op.parameter() != AugmentOp.Parameter.NONE) {
                    FixedOp step = FixedOp.of(op, space.value(op, 0, 1, SIDE, SIDE), 1);
                    Visit visit = new Visit(1, 1, new int[] {9});
                    // Solarize at torchvision's level 0 still inverts full white, which these images do not have.
                    assertThat(run(new StepPolicy("op", SIDE, SIDE, List.of(step)), visit)
                                    .values())
                            .as("%s %s", space, op)
                            .isEqualTo(run(new StepPolicy("none", SIDE, SIDE, List.of()), visit)
                                    .values());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "has:p=0",
                "cutout:size=0",
                "random-erasing:p=0",
                "gridmask:p=0",
                "cutmix:p=0",
                "patch-gaussian:maxscale=0"
            })
    void policiesWithoutStrengthCropAndFlipAlone(String text) throws IOException {
        Visit visit = new Visit(1, 1, new int[] {4, 5, 6, 7});
        // Adding no noise still takes values out of their normalisation and back.
        assertThat(run(policy(text), visit).values())
                .containsExactly(run(policy("none"), visit).values(), within(1e-5f));
    }

    @Test
    void aPolicyThatIsOnePassCanBeDrawnRowByRow() throws IOException {
        try (AugmentBatch batch = new AugmentBatch(1, 4)) {
            policy("randaugment").draw(1, 2, 3, 0, batch);
            assertThatThrownBy(() -> policy("cutout").draw(1, 2, 3, 0, batch))
                    .hasMessage("policy cutout is more than one pass, allowed: an Augmenter");
        }
    }

    @Test
    void otherPoliciesAreCarriedOutToo() {
        Visit visit = new Visit(1, 1, new int[] {4, 5});
        assertThat(run(new NoAugment(), visit).values())
                .isEqualTo(run(new StepPolicy("none", SIDE, SIDE, List.of()), visit)
                        .values());
        assertThat(run(new NoAugment(), new Visit(1, 1, new int[0])).values()).isEmpty();
    }

    @Test
    void bytesCannotHoldNormalisedValues() throws IOException {
        StepPolicy policy = policy("cutout");
        try (Engine engine = Engine.open();
                NativeBuffer images = NativeBuffer.allocate(DType.UINT8, 1, SIDE, SIDE, 3);
                NativeBuffer output = NativeBuffer.allocate(DType.UINT8, 1, SIDE, SIDE, 3);
                Augmenter augmenter = new Augmenter(engine, FusedAugment.UINT8, 1, SIDE, SIDE)) {
            assertThatThrownBy(() -> augmenter.apply(policy, new Visit(1, 1, new int[1]), images, output))
                    .hasMessage(
                            "policy cutout changes normalised values, output is UINT8, allowed: FLOAT32, BFLOAT16 or FLOAT16");
        }
    }

    @Test
    void patchGaussianAddsNoiseOfItsDeviationInsideItsPatchAlone() throws IOException {
        int[] samples = IntStream.range(0, 400).toArray();
        float[] plain = run(policy("flipLR(0)"), new Visit(1, 1, samples)).values();
        float[] noisy = run(policy("patchgaussian(6,0.2)"), new Visit(Seed.of("patch"), 1, samples))
                .values();
        double squares = 0;
        for (int row = 0; row < samples.length; row++) {
            int changed = 0;
            for (int at = row * BYTES; at < (row + 1) * BYTES; at++) {
                double difference =
                        (noisy[at] - plain[at]) * Normalization.CIFAR10.std()[at % 3];
                changed += Math.abs(difference) > 1e-6 ? 1 : 0;
                squares += difference * difference;
                double value = noisy[at] * Normalization.CIFAR10.std()[at % 3]
                        + Normalization.CIFAR10.mean()[at % 3];
                assertThat(value).isBetween(-1e-6, 1 + 1e-6);
            }
            assertThat(changed).isBetween(1, 6 * 6 * 3);
        }
        // The mean square of a deviation uniform in [0, 0.2) is 0.04/3; border patches and clipping take some of it.
        double perValue = squares / samples.length / (6 * 6 * 3);
        assertThat(Math.sqrt(perValue)).isBetween(0.07, Math.sqrt(0.04 / 3));
    }

    @Test
    void everyFormatHoldsTheSameNoise() throws IOException {
        StepPolicy policy = policy("patchgaussian(8,0.3)+randomerasing(1)");
        Visit visit = new Visit(1, 1, IntStream.range(0, 8).toArray());
        float[] nhwc = run(policy, visit).values();
        FusedAugment planar = FusedAugment.UINT8.normalized(DType.FLOAT32, Layout.NCHW, Normalization.CIFAR10);
        float[] nchw = run(planar, policy, visit).values();
        float[] brain = run(narrow(DType.BFLOAT16), policy, visit).values();
        float[] half = run(narrow(DType.FLOAT16), policy, visit).values();
        for (int i = 0; i < nhwc.length; i++) {
            int image = i / BYTES * BYTES;
            int pixel = i % BYTES / 3;
            assertThat(nchw[image + i % 3 * SIDE * SIDE + pixel]).isEqualTo(nhwc[i]);
            assertThat((double) brain[i]).isCloseTo(nhwc[i], within(0.02 + Math.abs(nhwc[i]) / 64));
            assertThat((double) half[i]).isCloseTo(nhwc[i], within(0.0025 + Math.abs(nhwc[i]) / 512));
        }
    }

    @Test
    void advMaskHidesSquaresAtItsPointsMoreAndMoreOften(@TempDir Path folder) throws IOException {
        int samples = 600;
        int[] points = new int[samples * 30 * 2];
        for (int i = 0; i < points.length; i++) {
            points[i] = Philox.uniformInt(32, 5, 0, i, 0);
        }
        Path file = folder.resolve("points.npy");
        NpyFile.write(file, Tensor.of(points, samples, 30, 2));
        AdvMask early = AdvMask.read(file, 10_000);
        AdvMask late = AdvMask.read(file, 1);
        int hiddenLate = 0;
        int hiddenEarly = 0;
        for (int sample = 0; sample < samples; sample++) {
            hiddenEarly += hidden(early, sample) > 0 ? 1 : 0;
            int hidden = hidden(late, sample);
            hiddenLate += hidden > 0 ? 1 : 0;
            assertThat(hidden == 0 || hidden >= 60 && hidden <= 700).isTrue();
        }
        assertThat(hiddenEarly).isLessThan(10);
        assertThat(hiddenLate / (double) samples).isCloseTo(0.8, within(0.08));
        NpyFile.write(file, Tensor.of(new float[4], 1, 2, 2));
        assertThatThrownBy(() -> AdvMask.read(file, 1)).hasMessageContaining("allowed: integers [N,K,2] of y and x");
    }

    private static int hidden(AdvMask mask, int sample) {
        var boxes = new dev.quern.kernels.EraseBoxes();
        mask.draw(Draws.of(3, 0, sample, 1), 32, 32, 0, boxes);
        int pixels = 0;
        for (int i = 0; i < boxes.count(); i++) {
            int[] box = boxes.box(i);
            pixels += (box[3] - box[1]) * (box[4] - box[2]);
        }
        return pixels;
    }

    private record Result(float[] values, Optional<Mixing> mixing) {}

    private static FusedAugment narrow(DType dtype) {
        return FusedAugment.UINT8.normalized(dtype, Layout.NHWC, Normalization.CIFAR10);
    }

    private static Result run(AugmentPolicy policy, Visit visit) {
        return run(FLOATS, policy, visit);
    }

    /** Runs on images that depend on their sample; capacity is larger than the batch. */
    private static Result run(FusedAugment kernel, AugmentPolicy policy, Visit visit) {
        long[] samples = visit.samples();
        byte[] pixels = new byte[samples.length * BYTES];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Philox.uniformInt(250, 1, 1, samples[i / BYTES] * BYTES + i % BYTES, 0);
        }
        long[] shape = kernel.layout() == Layout.NHWC
                ? new long[] {samples.length, SIDE, SIDE, 3}
                : new long[] {samples.length, 3, SIDE, SIDE};
        try (Engine engine = Engine.open();
                NativeBuffer images = NativeBuffer.copyOf(pixels, samples.length, SIDE, SIDE, 3);
                NativeBuffer output = NativeBuffer.allocate(kernel.dtype(), shape);
                Augmenter augmenter = new Augmenter(engine, kernel, samples.length + 3, SIDE, SIDE)) {
            Optional<Mixing> mixing = augmenter.apply(policy, visit, images, output);
            if (kernel.dtype() == DType.FLOAT32) {
                return new Result(output.toFloats(), mixing);
            }
            float[] widened = new float[(int) output.size()];
            for (int i = 0; i < widened.length; i++) {
                short bits = output.bytes().getShort(2 * i);
                widened[i] = kernel.dtype() == DType.BFLOAT16
                        ? NarrowFloats.bfloat16ToFloat(bits)
                        : NarrowFloats.float16ToFloat(bits);
            }
            return new Result(widened, mixing);
        }
    }

    private static int passes(String text) throws IOException {
        return policy(text).plan().bytes().size();
    }

    private static StepPolicy policy(String text) throws IOException {
        return Policies.parse(text, Published.of(Profile.PAPER, SIDE, SIDE, 10));
    }
}
