package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class PassTest {
    private static final Pass PASS = new Pass(Mode.TRAIN, 11, 2);

    @Test
    void droppingZeroesTheGivenShareAndKeepsTheMean() {
        try (PointerScope scope = new PointerScope()) {
            Tensor dropped = PASS.drop(torch.ones(100, 100), 0.2, 0, 100, 100);
            // Six standard errors of 10,000 draws.
            double share = dropped.eq(torch.zeros(1)).sum().item_double() / 10_000;
            assertThat(share).isCloseTo(0.2, within(0.024));
            assertThat(dropped.max().item_float()).isEqualTo(1.25f);
            assertThat(dropped.sum().item_double()).isCloseTo(12_500 * (1 - share), within(1e-3));
        }
    }

    @Test
    void oneDrawPerSampleDropsWholeSamples() {
        try (PointerScope scope = new PointerScope()) {
            Tensor sums = PASS.drop(torch.ones(200, 4), 0.5, 0, 200, 1).sum(1);
            for (int sample = 0; sample < 200; sample++) {
                assertThat(sums.select(0, sample).item_float()).isIn(0f, 8f);
            }
            assertThat(sums.min().item_float()).isZero();
            assertThat(sums.max().item_float()).isEqualTo(8);
        }
    }

    @Test
    void evaluationDropsNothing() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = torch.ones(50);
            assertThat(new Pass(Mode.EVALUATE, 11, 2).drop(x, 0.9, 0, 50).equal(x))
                    .isTrue();
        }
    }

    @Test
    void drawsDependOnSeedStepAndSlot() {
        try (PointerScope scope = new PointerScope()) {
            Tensor like = torch.ones(1);
            Tensor draws = PASS.uniform(0, like, 20);
            assertThat(new Pass(Mode.TRAIN, 11, 2).uniform(0, like, 20).equal(draws))
                    .isTrue();
            assertThat(new Pass(Mode.TRAIN, 12, 2).uniform(0, like, 20).equal(draws))
                    .isFalse();
            assertThat(new Pass(Mode.TRAIN, 11, 3).uniform(0, like, 20).equal(draws))
                    .isFalse();
            assertThat(PASS.uniform(1, like, 20).equal(draws)).isFalse();
        }
    }
}
