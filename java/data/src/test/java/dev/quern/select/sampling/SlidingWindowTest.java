package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.select.sampling.SlidingWindow.Setting;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlidingWindowTest {
    private static final int[] ALL = IntStream.range(0, 8).toArray();
    private static final float[] LOSSES = {5, 1, 1.1f, 9, 5.2f, 0.9f, 9.1f, 5.1f};

    @Test
    void theWindowSlidesFromEasyToHardAndStartsAgain() {
        SlidingWindow seta = new SlidingWindow(8, new Setting(0, 3, 0.67), 1);
        assertThat(seta.select(0)).containsExactly(ALL);
        seta.observe(ALL, LOSSES);
        assertThat(seta.select(1)).containsExactly(0, 3, 4, 6, 7);
        assertThat(seta.select(2)).containsExactly(0, 1, 2, 4, 5, 7);
        assertThat(seta.select(3)).containsExactly(0, 3, 4, 6, 7);
    }

    @Test
    void samplesWithoutALossAreHard() {
        SlidingWindow seta = new SlidingWindow(8, new Setting(0, 2, 0.5), 1);
        seta.observe(new int[] {0, 1, 2}, new float[] {1, 2, 1});
        assertThat(seta.select(1)).containsExactly(1, 3, 4, 5, 6, 7);
        assertThat(seta.select(2)).containsExactly(0, 2);
    }

    @Test
    void aShareIsLeftOutByChance() {
        SlidingWindow seta = new SlidingWindow(1000, new Setting(0.1, 5, 1), 1);
        int[] once = seta.select(0);
        assertThat(once).hasSize(900).doesNotHaveDuplicates().isSorted();
        seta.observe(IntStream.range(0, 1000).toArray(), new float[1000]);
        assertThat(seta.select(1)).hasSize(900).isNotEqualTo(once);
    }

    @Test
    void aRestoredWindowGoesOnTheSame() {
        SlidingWindow seta = new SlidingWindow(8, Setting.CIFAR, 1);
        seta.observe(new int[] {0, 3, 5}, new float[] {1, 4, 2});
        SlidingWindow restored = new SlidingWindow(8, Setting.CIFAR, 1);
        restored.restore(seta.state());
        for (int epoch = 1; epoch < 4; epoch++) {
            assertThat(restored.select(epoch)).containsExactly(seta.select(epoch));
        }
    }

    @Test
    void badInputIsNamed() {
        assertThatThrownBy(() -> new Setting(0.1, 5, 0)).hasMessage("window is 0.0, allowed: above 0, at most 1");
        assertThatThrownBy(() -> new SlidingWindow(8, Setting.CIFAR, 1).restore(new double[1]))
                .hasMessage("state has 1 entries, allowed: 8");
    }
}
