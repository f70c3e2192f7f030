package dev.quern.augment.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Seed;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.MagnitudeAugment.OpDraw;
import dev.quern.augment.policy.Placement.Part;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.AugmentRow;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MagnitudeAugmentTest {
    private static final MagnitudeSpace SPACE = MagnitudeSpace.RELEASED;

    @Test
    void everySampleGetsItsOwnMagnitudeAndAUniformOp() {
        long seed = Seed.of("everySampleGetsItsOwnMagnitudeAndAUniformOp");
        int[] ops = new int[AugmentOp.values().length];
        int negative = 0;
        List<AugmentRow> rows =
                rows(MagnitudeAugment.of("m", SPACE, OpDraw.EVERY_SAMPLE, i -> (i % 10) / 10.0, 0), seed, 42_000);
        for (int i = 0; i < rows.size(); i++) {
            AugmentOp op = rows.get(i).ops().get(0);
            double value = rows.get(i).values().get(0);
            ops[op.ordinal()]++;
            assertThat(value).isIn(SPACE.value(op, (i % 10) / 10.0, 1), SPACE.value(op, (i % 10) / 10.0, -1));
            negative += op == AugmentOp.SHEAR_X && value < 0 ? 1 : 0;
        }
        // 3000 expected per op, six standard deviations are 317; half of the shears are negative.
        assertThat(Arrays.stream(ops, 0, 14)).allMatch(count -> Math.abs(count - 3000) < 317);
        assertThat(negative).isBetween(1280, 1720);
    }

    @Test
    void anOpDrawnOnceStaysForTheRunAndItsSignDoesNot() {
        for (long seed = 0; seed < 20; seed++) {
            MagnitudeAugment policy = MagnitudeAugment.of("full", SPACE, OpDraw.ONCE, i -> 1, 2);
            List<AugmentRow> rows = rows(policy, seed, 50);
            rows.addAll(rows(policy, seed, 1, 50));
            assertThat(rows.stream().map(AugmentRow::ops).distinct()).hasSize(1);
            if (SPACE.value(rows.get(0).ops().get(0), 1, -1) < 0) {
                assertThat(rows.stream().map(AugmentRow::values).distinct()).hasSize(2);
            }
        }
    }

    @Test
    void seedsDisagreeAboutTheOpThatIsDrawnOnce() {
        MagnitudeAugment policy = MagnitudeAugment.of("full", SPACE, OpDraw.ONCE, i -> 1, 2);
        Set<AugmentOp> ops = IntStream.range(0, 300)
                .mapToObj(seed -> rows(policy, seed, 1).get(0).ops().get(0))
                .collect(Collectors.toSet());
        assertThat(ops).containsExactlyInAnyOrderElementsOf(MagnitudeSpace.OPS);
    }

    @Test
    void levelsOfTheWarmUpAreUniformFromZero() {
        long seed = Seed.of("levelsOfTheWarmUpAreUniformFromZero");
        int[] thresholds = new int[257];
        for (AugmentRow row : rows(MagnitudeAugment.trivial(SPACE, 0), seed, 84_000)) {
            if (row.ops().get(0) == AugmentOp.SOLARIZE) {
                thresholds[row.values().get(0).intValue()]++;
            }
        }
        assertThat(Arrays.stream(thresholds).filter(count -> count > 0).count()).isEqualTo(30);
        assertThat(thresholds[256]).isPositive();
        // 200 expected per level, six standard deviations are 84.
        assertThat(Arrays.stream(thresholds).filter(count -> count > 0)).allMatch(count -> Math.abs(count - 200) < 85);
    }

    @Test
    void viewsDrawnAlikeShareTheirPlaceAndOthersDoNot() {
        Placement full = placement(0, EnumSet.of(Part.FLIP, Part.CUTOUT));
        Placement flipped = placement(0, EnumSet.of(Part.FLIP));
        Placement other = placement(1, EnumSet.of(Part.FLIP));
        List<AugmentRow> a = rows(full, 5, 500);
        List<AugmentRow> b = rows(flipped, 5, 500);
        List<AugmentRow> c = rows(other, 5, 500);
        int same = 0;
        for (int i = 0; i < 500; i++) {
            assertThat(List.of(a.get(i).cropY(), a.get(i).cropX(), a.get(i).flip()))
                    .isEqualTo(
                            List.of(b.get(i).cropY(), b.get(i).cropX(), b.get(i).flip()));
            same += a.get(i).cropY() == c.get(i).cropY()
                            && a.get(i).cropX() == c.get(i).cropX()
                    ? 1
                    : 0;
        }
        assertThat(same).isBetween(0, 25);
    }

    @Test
    void placesAreUniformAndPartsThatWereNotAskedForAreAbsent() {
        long seed = Seed.of("placesAreUniformAndPartsThatWereNotAskedForAreAbsent");
        int[] centres = new int[32 * 16];
        int flips = 0;
        for (AugmentRow row : rows(placement(0, EnumSet.allOf(Part.class)), seed, 51_200)) {
            assertThat(row.cropY()).isBetween(-4, 4);
            centres[row.cutoutY() * 16 + row.cutoutX()]++;
            flips += row.flip();
        }
        assertThat(Arrays.stream(centres)).allMatch(count -> Math.abs(count - 100) < 60);
        assertThat(flips).isBetween(25_600 - 680, 25_600 + 680);
        assertThat(rows(placement(0, Set.of()), seed, 100))
                .allMatch(row -> row.flip() == 0 && row.cutoutY() == Integer.MIN_VALUE);
    }

    @Test
    void aViewOutOfRangeIsRefused() {
        assertThatThrownBy(() -> MagnitudeAugment.trivial(SPACE, 4)).hasMessage("view is 4, allowed: 0 … 3");
        assertThatThrownBy(() -> new Placement(new NoAugment(), 32, 32, -1, Set.of(), 0))
                .hasMessage("padding is -1, allowed: 0 … 1024");
    }

    private static Placement placement(int view, Set<Part> parts) {
        return new Placement(new NoAugment(), 32, 16, 4, parts, view);
    }

    private static List<AugmentRow> rows(AugmentPolicy policy, long seed, int count) {
        return rows(policy, seed, 0, count);
    }

    private static List<AugmentRow> rows(AugmentPolicy policy, long seed, int epoch, int count) {
        try (AugmentBatch batch = new AugmentBatch(1, 1)) {
            return IntStream.range(0, count)
                    .mapToObj(sample -> {
                        policy.draw(seed, epoch, sample, 0, batch);
                        return AugmentRow.of(batch, 0);
                    })
                    .collect(Collectors.toList());
        }
    }
}
