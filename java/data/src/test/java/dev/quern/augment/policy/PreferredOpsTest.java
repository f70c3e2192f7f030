package dev.quern.augment.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.policy.PreferredOps.Setting;
import dev.quern.data.Profile;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.AugmentRow;
import dev.quern.kernels.EraseBoxes;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PreferredOpsTest {
    private static final int SIDE = 32;
    private static final int MIRROR = 15;
    private static final int SQUARE = 16;
    private static final Set<AugmentOp> WITHOUT_STRENGTH =
            EnumSet.of(AugmentOp.AUTO_CONTRAST, AugmentOp.EQUALIZE, AugmentOp.INVERT);
    private static final IntToDoubleFunction ALL = epoch -> 1;

    @ParameterizedTest
    @EnumSource
    void asIntendedMagnitudeZeroIsTheIdentity(AugmentOp op) {
        AugmentRow row = row(ops(new Setting(1, 0, Profile.PAPER, 4), 0, ALL, op.ordinal()), 5);
        double identity = switch (op) {
            case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS -> 1;
            case SOLARIZE -> 256;
            case POSTERIZE -> 8;
            default -> 0;
        };
        assertThat(row.ops()).containsExactly(op);
        if (!WITHOUT_STRENGTH.contains(op)) {
            assertThat(row.values().get(0)).isEqualTo(identity, within(0.0));
        }
        assertThat(squares(ops(new Setting(1, 0, Profile.PAPER, 4), 0, ALL, SQUARE), 5)
                        .box(0))
                .satisfies(box -> assertThat(box[1]).isEqualTo(box[3]));
    }

    /** The ranges of Fast AutoAugment. */
    @ParameterizedTest
    @CsvSource({
        "SHEAR_X, 0.75, 0.15",
        "SHEAR_Y, 0, 0.3",
        "TRANSLATE_X, 1, 14.4",
        "ROTATE, 0.25, 15",
        "SOLARIZE, 0.25, 64",
        "POSTERIZE, 0.6, 6",
        "CONTRAST, 0.5, 1",
        "SHARPNESS, 1, 1.9"
    })
    void asReleasedMagnitudesSpanTheSearchedRanges(AugmentOp op, float magnitude, double size) {
        PreferredOps ops = ops(new Setting(1, 0, Profile.RELEASED, 4), magnitude, ALL, op.ordinal());
        assertThat(Math.abs(row(ops, 5).values().get(0))).isCloseTo(size, within(1e-6));
    }

    @Test
    void opsAreDrawnByWeightAndNeverTwice() {
        long seed = Seed.of("opsAreDrawnByWeightAndNeverTwice");
        float[] preferences = new float[2 * PreferredOps.OPS];
        preferences[PreferredOps.OPS + AugmentOp.INVERT.ordinal()] = 0.6f;
        preferences[PreferredOps.OPS + AugmentOp.EQUALIZE.ordinal()] = 0.3f;
        preferences[PreferredOps.OPS + AugmentOp.AUTO_CONTRAST.ordinal()] = 0.1f;
        PreferredOps ops = new PreferredOps(new Setting(2, 0, Profile.PAPER, 4), i -> preferences, ALL);
        int[] first = new int[AugmentOp.values().length];
        int equalizeAfterInvert = 0;
        for (int sample = 0; sample < 10_000; sample++) {
            List<AugmentOp> drawn = row(ops, seed, 0, sample).ops();
            assertThat(drawn).doesNotHaveDuplicates();
            first[drawn.get(0).ordinal()]++;
            equalizeAfterInvert += drawn.equals(List.of(AugmentOp.INVERT, AugmentOp.EQUALIZE)) ? 1 : 0;
        }
        // Six standard deviations are 294 at most.
        assertThat(first[AugmentOp.INVERT.ordinal()]).isCloseTo(6000, within(294));
        assertThat(first[AugmentOp.EQUALIZE.ordinal()]).isCloseTo(3000, within(275));
        assertThat(equalizeAfterInvert).isCloseTo(4500, within(299));
    }

    @Test
    void onlyTheShareOfTheEpochIsAugmentedAndEverythingIsCroppedAndFlipped() {
        long seed = Seed.of("onlyTheShareOfTheEpochIsAugmentedAndEverythingIsCroppedAndFlipped");
        PreferredOps ops =
                ops(new Setting(1, 0, Profile.PAPER, 4), 1, epoch -> epoch / 10.0, AugmentOp.INVERT.ordinal());
        int augmented = 0;
        int flipped = 0;
        int[] crops = new int[9];
        for (int sample = 0; sample < 10_000; sample++) {
            AugmentRow row = row(ops, seed, 3, sample);
            augmented += row.ops().get(0) == AugmentOp.INVERT ? 1 : 0;
            flipped += row.flip();
            crops[row.cropY() + 4]++;
        }
        assertThat(augmented).isCloseTo(3000, within(275));
        assertThat(flipped).isCloseTo(5000, within(300));
        assertThat(Arrays.stream(crops)).allMatch(count -> count > 900);
    }

    @Test
    void noiseMovesMagnitudesWithinTheUnitInterval() {
        long seed = Seed.of("noiseMovesMagnitudesWithinTheUnitInterval");
        PreferredOps ops = ops(new Setting(1, 0.3, Profile.PAPER, 0), 0.9f, ALL, AugmentOp.ROTATE.ordinal());
        double least = 1;
        double most = 0;
        int clipped = 0;
        for (int sample = 0; sample < 3000; sample++) {
            double magnitude = Math.abs(row(ops, seed, 0, sample).values().get(0)) / 30;
            least = Math.min(least, magnitude);
            most = Math.max(most, magnitude);
            clipped += magnitude == 1 ? 1 : 0;
        }
        assertThat(least).isBetween(0.5999, 0.61);
        assertThat(most).isEqualTo(1);
        assertThat(clipped).isCloseTo(1000, within(155));
    }

    @Test
    void aSampleWithoutPreferencesIsOnlyPlaced() {
        PreferredOps ops = new PreferredOps(new Setting(2, 0.3, Profile.PAPER, 4), i -> new float[34], ALL);
        assertThat(row(ops, 5).ops()).containsOnly(AugmentOp.IDENTITY);
        assertThat(squares(ops, 5).count()).isZero();
    }

    @Test
    void allOpsOfASampleArePlacedAlikeAndTheMirrorIsTurned() {
        float[] preferences = new float[2 * PreferredOps.OPS];
        Arrays.fill(preferences, 0, PreferredOps.OPS, 0.5f);
        PreferredOps ops = new PreferredOps(new Setting(2, 0.3, Profile.PAPER, 4), i -> preferences, ALL);
        EraseBoxes squares = new EraseBoxes();
        int size = 3;
        try (AugmentBatch batch = new AugmentBatch(PreferredOps.OPS * size, 1)) {
            ops.drawAll(
                    new Augmenter.Visit(1, 2, new int[] {7, 5, 9}), new int[] {0, 1, 2}, SIDE, SIDE, batch, squares);
            for (int i = 0; i < size; i++) {
                AugmentRow plain = AugmentRow.of(batch, AugmentOp.IDENTITY.ordinal() * size + i);
                for (int op = 0; op < PreferredOps.OPS; op++) {
                    AugmentRow row = AugmentRow.of(batch, op * size + i);
                    assertThat(row.ops().get(0)).isEqualTo(op < MIRROR ? AugmentOp.values()[op] : AugmentOp.IDENTITY);
                    assertThat(row.cropX()).isEqualTo(plain.cropX());
                    assertThat(row.flip() != plain.flip()).isEqualTo(op == MIRROR);
                }
                int[] box = squares.box(i);
                assertThat(box[0]).isEqualTo(SQUARE * size + i);
                assertThat(box[3] - box[1]).isEqualTo(3);
            }
            assertThat(Math.abs(AugmentRow.of(batch, AugmentOp.ROTATE.ordinal() * size)
                            .values()
                            .get(0)))
                    .isEqualTo(15);
        }
        assertThat(squares.count()).isEqualTo(size);
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new Setting(5, 0, Profile.PAPER, 4)).hasMessage("count is 5, allowed: 1 … 4");
        assertThatThrownBy(() -> new Setting(1, 1.5, Profile.PAPER, 4)).hasMessage("noise is 1.5, allowed: 0 … 1");
    }

    /** One op alone, at a magnitude. */
    private static PreferredOps ops(Setting setting, float magnitude, IntToDoubleFunction share, int op) {
        float[] preferences = new float[2 * PreferredOps.OPS];
        preferences[op] = magnitude;
        preferences[PreferredOps.OPS + op] = 1;
        return new PreferredOps(setting, sample -> preferences, share);
    }

    private static AugmentRow row(PreferredOps ops, int sample) {
        return row(ops, 1, 0, sample);
    }

    private static AugmentRow row(PreferredOps ops, long seed, int epoch, int sample) {
        try (AugmentBatch batch = new AugmentBatch(1, ops.chain())) {
            ops.draw(Draws.of(seed, epoch, sample, 0), SIDE, SIDE, new FusedRow(batch, 0, 0));
            return AugmentRow.of(batch, 0);
        }
    }

    private static EraseBoxes squares(PreferredOps ops, int sample) {
        EraseBoxes boxes = new EraseBoxes();
        ops.draw(Draws.of(1, 0, sample, 0), SIDE, SIDE, 0, boxes);
        return boxes;
    }
}
