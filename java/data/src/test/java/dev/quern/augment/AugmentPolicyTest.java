package dev.quern.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import dev.quern.augment.TrivialAugment.Space;
import dev.quern.data.Philox;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.AugmentRow;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AugmentPolicyTest {
    private static final AugmentRow UNTOUCHED =
            new AugmentRow(List.of(AugmentOp.IDENTITY), List.of(0.0), 0, 0, 0, Integer.MIN_VALUE, Integer.MIN_VALUE);

    static Stream<AugmentPolicy> policies() {
        return Stream.of(
                new NoAugment(),
                new CropFlip(new NoAugment(), 4),
                new TrivialAugment(Space.STANDARD),
                new CropFlip(new TrivialAugment(Space.WIDE), 2));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void aSamplesFateDependsOnSeedEpochAndSampleAlone(AugmentPolicy policy) {
        try (AugmentBatch batch = new AugmentBatch(64, 1);
                AugmentBatch other = new AugmentBatch(64, 1)) {
            for (int row = 0; row < 64; row++) {
                policy.draw(3, 5, 1000 + row, row, batch);
            }
            int[] order = Philox.permutation(1, 1, 64, 99);
            for (int row = 0; row < 64; row++) {
                policy.draw(8, 1, row, row, other);
            }
            for (int row = 63; row >= 0; row--) {
                policy.draw(3, 5, 1000 + order[row], row, other);
            }
            for (int row = 0; row < 64; row++) {
                assertThat(AugmentRow.of(other, row)).isEqualTo(AugmentRow.of(batch, order[row]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void seedAndEpochChangeTheDraws(AugmentPolicy policy) {
        List<AugmentRow> rows = rows(policy, 3, 5, 200);
        if (policy instanceof NoAugment) {
            assertThat(rows).containsOnly(UNTOUCHED);
        } else {
            assertThat(rows(policy, 4, 5, 200)).isNotEqualTo(rows);
            assertThat(rows(policy, 3, 6, 200)).isNotEqualTo(rows);
        }
    }

    @Test
    void whatTheRowHeldBeforeIsOverwritten() {
        try (AugmentBatch batch = new AugmentBatch(1, 1)) {
            batch.op(0, 0, AugmentOp.INVERT, 3).crop(0, 5, 6).flip(0, true).cutout(0, 7, 8);
            new NoAugment().draw(1, 2, 3, 0, batch);
            assertThat(AugmentRow.of(batch, 0)).isEqualTo(UNTOUCHED);
        }
    }

    @Test
    void opsLevelsAndSignsAreUniform() {
        long seed = Seed.of("opsLevelsAndSignsAreUniform");
        int n = 42_000;
        int[] ops = new int[AugmentOp.values().length];
        int[] degrees = new int[61];
        for (AugmentRow row : rows(new TrivialAugment(Space.STANDARD), seed, 0, n)) {
            ops[row.ops().get(0).ordinal()]++;
            if (row.ops().get(0) == AugmentOp.ROTATE) {
                degrees[row.values().get(0).intValue() + 30]++;
            }
        }
        assertThat(ops[AugmentOp.INVERT.ordinal()]).isZero();
        // 3000 expected per op, six standard deviations are 317; 48 per signed angle (97 for ±0) and 42.
        assertThat(Arrays.stream(ops, 0, 14)).allMatch(count -> Math.abs(count - 3000) < 317);
        for (int angle = -30; angle <= 30; angle++) {
            assertThat(degrees[angle + 30]).as("%d degrees", angle).isBetween(1, angle == 0 ? 160 : 95);
        }
    }

    @Test
    void cropsAndFlipsAreUniform() {
        long seed = Seed.of("cropsAndFlipsAreUniform");
        int[] places = new int[81];
        int flips = 0;
        for (AugmentRow row : rows(new CropFlip(new NoAugment(), 4), seed, 0, 40_500)) {
            places[(row.cropY() + 4) * 9 + row.cropX() + 4]++;
            flips += row.flip();
        }
        assertThat(Arrays.stream(places)).allMatch(count -> Math.abs(count - 500) < 135);
        assertThat(flips).isBetween(20_250 - 610, 20_250 + 610);
    }

    @Test
    void theStandardSpaceHasTheTablesOfTheReleasedCode() {
        assertThat(values(Space.STANDARD, AugmentOp.ROTATE, 1, 0, 1, 29, 30)).containsExactly(0, 1, 29, 30);
        assertThat(values(Space.STANDARD, AugmentOp.TRANSLATE_X, -1, 0, 2, 3, 30))
                .containsExactly(0, 0, -1, -10);
        assertThat(values(Space.STANDARD, AugmentOp.SHEAR_Y, -1, 0, 10, 30)).containsExactly(-0.0, -0.1, -0.3);
        assertThat(values(Space.STANDARD, AugmentOp.SOLARIZE, 1, 0, 1, 15, 30)).containsExactly(256, 248, 128, 0);
        assertThat(values(Space.STANDARD, AugmentOp.POSTERIZE, 1, 0, 7, 8, 29, 30))
                .containsExactly(4, 4, 3, 1, 0);
        assertThat(values(Space.FIXED_STANDARD, AugmentOp.POSTERIZE, 1, 0, 7, 8, 29, 30))
                .containsExactly(8, 8, 7, 5, 4);
        assertThat(values(Space.STANDARD, AugmentOp.COLOR, -1, 0, 15, 30))
                .containsExactly(0.1, 1.0, 1.9000000000000001);
        assertThat(values(Space.STANDARD, AugmentOp.EQUALIZE, 1, 0, 30)).containsExactly(0, 0);
    }

    @Test
    void theWideSpaceHasTheTablesOfTorchvision() {
        assertThat(values(Space.WIDE, AugmentOp.ROTATE, -1, 0, 1, 30)).containsExactly(-0.0, -4.5, -135);
        assertThat(values(Space.WIDE, AugmentOp.TRANSLATE_Y, 1, 0, 1, 15, 30)).containsExactly(0, 1, 16, 32);
        assertThat(values(Space.WIDE, AugmentOp.SOLARIZE, 1, 0, 1, 30)).containsExactly(255, 246.5, 0);
        assertThat(values(Space.WIDE, AugmentOp.SHEAR_X, 1, 30)).containsExactly(0.99f);
        assertThat(values(Space.WIDE, AugmentOp.BRIGHTNESS, -1, 0, 30)).containsExactly(1, 1 - (double) 0.99f);
        int[] counts = new int[9];
        for (int level = 0; level < TrivialAugment.LEVELS; level++) {
            counts[(int) TrivialAugment.value(Space.WIDE, AugmentOp.POSTERIZE, level, 1)]++;
        }
        assertThat(counts).containsExactly(0, 0, 3, 5, 5, 5, 5, 5, 3);
    }

    @Test
    void everyValueIsWhatTheKernelAccepts() {
        for (Space space : Space.values()) {
            for (int level = 0; level < TrivialAugment.LEVELS; level++) {
                double bits = TrivialAugment.value(space, AugmentOp.POSTERIZE, level, 1);
                assertThat(bits).isBetween(0.0, 8.0).isEqualTo(Math.rint(bits));
                assertThat(TrivialAugment.value(space, AugmentOp.SOLARIZE, level, 1))
                        .isBetween(0.0, 256.0);
                assertThat(TrivialAugment.value(space, AugmentOp.CONTRAST, level, -1))
                        .isPositive();
            }
        }
    }

    @Test
    void namesTellPoliciesApart() {
        assertThat(policies().map(AugmentPolicy::name))
                .containsExactly("none", "crop-flip", "trivial", "trivial-wide+crop-flip");
        assertThat(new TrivialAugment(Space.FIXED_STANDARD).name()).isEqualTo("trivial-fixed-standard");
    }

    @Test
    void aBatchWithTooShortChainsIsRefused() {
        try (AugmentBatch batch = new AugmentBatch(1, 0)) {
            new CropFlip(new NoAugment(), 4).draw(1, 1, 1, 0, batch);
            assertThatThrownBy(() -> new TrivialAugment(Space.STANDARD).draw(1, 1, 1, 0, batch))
                    .hasMessage("batch holds chains of 0 ops, policy trivial needs 1");
        }
        assertThatThrownBy(() -> new CropFlip(new NoAugment(), -1)).hasMessage("padding is -1, allowed: 0 … 1024");
    }

    private static List<AugmentRow> rows(AugmentPolicy policy, long seed, int epoch, int samples) {
        try (AugmentBatch batch = new AugmentBatch(1, 1)) {
            return IntStream.range(0, samples)
                    .mapToObj(sample -> {
                        policy.draw(seed, epoch, sample, 0, batch);
                        return AugmentRow.of(batch, 0);
                    })
                    .toList();
        }
    }

    private static double[] values(Space space, AugmentOp op, int sign, int... levels) {
        return Arrays.stream(levels)
                .mapToDouble(level -> TrivialAugment.value(space, op, level, sign))
                .toArray();
    }
}
