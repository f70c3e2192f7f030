package dev.quern.augment.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.Seed;
import dev.quern.augment.Cutout;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.kernels.EraseBoxes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErasingTest {
    private static final int SIDE = 32;
    private static final int SAMPLES = 4_000;
    private static final long SEED = Seed.of("ErasingTest");

    @Test
    void randomErasingStaysInsideItsAreaItsAspectAndTheImage() {
        int erased = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            EraseBoxes boxes = boxes(RandomErasing.cifar(0.5), sample, 0, 40, SIDE);
            erased += boxes.count();
            for (int i = 0; i < boxes.count(); i++) {
                int[] box = boxes.box(i);
                int rows = box[3] - box[1];
                int columns = box[4] - box[2];
                assertThat(box[1]).isBetween(0, 40 - rows);
                assertThat(box[2]).isBetween(0, SIDE - columns);
                assertThat(rows).isLessThan(40);
                assertThat(columns).isLessThan(SIDE);
                // Sides are rounded to whole pixels, which moves small areas most.
                assertThat(rows * columns / (40.0 * SIDE)).isBetween(0.01, 0.43);
                assertThat((rows + 0.5) / (columns - 0.5)).isGreaterThan(0.3);
                assertThat((rows - 0.5) / (columns + 0.5)).isLessThan(1 / 0.3);
                assertThat(boxes.color(i)).containsExactly(0.4914f, 0.4822f, 0.4465f);
            }
        }
        assertThat(erased / (double) SAMPLES).isCloseTo(0.5, within(0.05));
    }

    @Test
    void cutoutIsASquareOnlyTheBorderCuts() {
        long area = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            boolean[][] erased = erased(new Cutout(16, 1), sample, 0);
            int count = count(erased);
            assertThat(count).isBetween(8 * 8, 16 * 16);
            area += count;
        }
        // A side keeps 16 of 16 at 17 of 32 centres, and 8 … 15 at eight and 9 … 15 at seven of the others.
        double side = (17 * 16 + 92 + 84) / 32.0;
        assertThat(area / (double) SAMPLES).isCloseTo(side * side, within(6.0));
    }

    @Test
    void hideAndSeekHidesHalfOfItsTiles() {
        long hidden = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            hidden += count(erased(new HideAndSeek(List.of(5), 0.5, HideAndSeek.Tiles.SQUARES), sample, 0));
        }
        assertThat(hidden / (double) SAMPLES / (SIDE * SIDE)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void releasedHideAndSeekBlanksThreeTenthsOfSmallImages() {
        HideAndSeek released = new HideAndSeek(List.of(0, 16, 32, 44, 56), 0.5, HideAndSeek.Tiles.BANDS);
        int blank = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            boolean[][] erased = erased(released, sample, 0);
            blank += count(erased) == SIDE * SIDE ? 1 : 0;
            for (boolean[] row : erased) {
                assertThat(row).containsOnly(row[0]);
            }
        }
        // Three of five sizes span the image, at one half each, and both bands of 16 go at one quarter: 0.3 + 0.05.
        assertThat(blank / (double) SAMPLES).isCloseTo(0.35, within(0.04));
    }

    @Test
    void gridMaskErasesTheSquareOfWhatItsStripesLeave() {
        long hidden = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            hidden += count(erased(new GridMask(10, 10, 0.4, 1, 1, 0), sample, 0));
        }
        assertThat(hidden / (double) SAMPLES / (SIDE * SIDE)).isCloseTo(0.36, within(0.02));
    }

    @Test
    void theProbabilityOfGridMaskGrowsOverItsRamp() {
        GridMask ramped = new GridMask(24, 32, 0.4, 1, 0.8, 10);
        assertThat(share(ramped, 0)).isZero();
        assertThat(share(ramped, 5)).isCloseTo(0.4, within(0.05));
        assertThat(share(ramped, 10)).isCloseTo(0.8, within(0.05));
        assertThat(share(ramped, 30)).isCloseTo(0.8, within(0.05));
    }

    @Test
    void settingsOutsideTheirRangesAreRefusedByName() {
        assertThatThrownBy(() -> new Cutout(-1, 1)).hasMessage("size is -1, allowed: 0 … 16384");
        assertThatThrownBy(() -> new Cutout(4, 1.5)).hasMessage("p is 1.5, allowed: 0 … 1");
        assertThatThrownBy(() -> new GridMask(9, 8, 0.4, 1, 1, 0)).hasMessage("most is 8, allowed: 9 … 16384");
        assertThatThrownBy(() -> new HideAndSeek(List.of(), 0.5, HideAndSeek.Tiles.SQUARES))
                .hasMessage("number of sizes is 0, allowed: 1 … 100");
        assertThatThrownBy(() -> RandomErasing.cifar(Double.NaN)).hasMessage("p is NaN, allowed: 0 … 1");
    }

    private static double share(EraseStep step, int epoch) {
        int applied = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            applied += boxes(step, sample, epoch, SIDE, SIDE).count() > 0 ? 1 : 0;
        }
        return applied / (double) SAMPLES;
    }

    private static EraseBoxes boxes(EraseStep step, int sample, int epoch, int height, int width) {
        EraseBoxes boxes = new EraseBoxes();
        step.draw(Draws.of(SEED, epoch, sample, 2), height, width, 0, boxes);
        return boxes;
    }

    private static boolean[][] erased(EraseStep step, int sample, int epoch) {
        EraseBoxes boxes = boxes(step, sample, epoch, SIDE, SIDE);
        boolean[][] erased = new boolean[SIDE][SIDE];
        for (int i = 0; i < boxes.count(); i++) {
            int[] box = boxes.box(i);
            for (int y = Math.max(0, box[1]); y < Math.min(SIDE, box[3]); y++) {
                for (int x = Math.max(0, box[2]); x < Math.min(SIDE, box[4]); x++) {
                    erased[y][x] = true;
                }
            }
        }
        return erased;
    }

    private static int count(boolean[][] erased) {
        int count = 0;
        for (boolean[] row : erased) {
            for (boolean pixel : row) {
                count += pixel ? 1 : 0;
            }
        }
        return count;
    }
}
