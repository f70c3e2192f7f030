package dev.quern.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.train.optimizer.OneCycle.MomentumCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {

    /** Values of {@code torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=10)} with SGD, PyTorch 2.13. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.0040000000000000036, 0.95",
        "1, 0.052000000000000005, 0.8999999999999999",
        "2, 0.1, 0.85",
        "3, 0.09504846320134738, 0.854951556604879",
        "4, 0.0811745653949763, 0.8688255099070633",
        "5, 0.06112620219362893, 0.8888739533021842",
        "6, 0.03887419780637107, 0.9111260466978157",
        "7, 0.0188258346050237, 0.9311744900929366",
        "8, 0.004951936798652629, 0.945048443395121",
        "9, 4e-07, 0.95"
    })
    void oneCycleEqualsPyTorch(int step, double rate, double momentum) {
        OneCycle cycle = new OneCycle(0.1, 10, 0.3, 25, 1e4, MomentumCycle.INVERSE);
        assertThat(cycle.at(step)).isCloseTo(rate, within(1e-12));
        assertThat(cycle.momentumAt(step)).isCloseTo(momentum, within(1e-12));
    }

    @Test
    void oneCycleTouchesItsThreeRates() {
        OneCycle cycle = OneCycle.of(0.1, 1000);
        assertThat(cycle.at(0)).isCloseTo(0.1 / 25, within(1e-12));
        assertThat(cycle.at(299)).isCloseTo(0.1, within(1e-12));
        assertThat(cycle.at(999)).isCloseTo(0.1 / 25 / 1e4, within(1e-12));
        assertThat(cycle.momentumAt(500)).isEqualTo(0.9);
    }

    @Test
    void oneCycleOfOneStepIsFinite() {
        assertThat(OneCycle.of(0.1, 1).at(0)).isBetween(0.0, 0.1);
        assertThat(OneCycle.of(0.1, 2).at(1)).isBetween(0.0, 0.1);
    }

    @Test
    void cosineWarmsUpLinearlyAndEndsNearZero() {
        CosineWithWarmUp cosine = new CosineWithWarmUp(0.4, 105, 5);
        assertThat(cosine.at(0)).isCloseTo(0.08, within(1e-12));
        assertThat(cosine.at(4)).isCloseTo(0.4, within(1e-12));
        assertThat(cosine.at(5)).isCloseTo(0.4, within(1e-12));
        assertThat(cosine.at(55)).isCloseTo(0.2, within(1e-12));
        assertThat(cosine.at(104)).isCloseTo(0.2 * (1 + Math.cos(Math.PI * 0.99)), within(1e-12));
    }

    /** lr(e) = 0.1·e/5 up to epoch 5, then 0.05·(1 + cos(π·(e − 6)/300)). */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 0.02",
        "4, 0.08",
        "5, 0.1",
        "6, 0.1",
        "7, 0.09999725846827562",
        "156, 0.05",
        "299, 1.3427613877709522e-4"
    })
    void theReleasedScheduleStandsStillInEpochZeroAndDoesNotCompleteItsCosine(int epoch, double rate) {
        EpochCosine schedule = new EpochCosine(0.1, 1, Timeline.uniform(300, 391));
        assertThat(schedule.at(epoch * 391L)).isCloseTo(rate, within(1e-13));
        assertThat(schedule.at(epoch * 391L + 390)).isEqualTo(schedule.at(epoch * 391L));
    }

    @Test
    void theDoubledScheduleWarmsUpFromTheBaseRate() {
        EpochCosine schedule = new EpochCosine(0.1, 2, Timeline.uniform(300, 1));
        assertThat(schedule.at(0)).isEqualTo(0.1);
        assertThat(schedule.at(1)).isCloseTo(0.12, within(1e-15));
        assertThat(schedule.at(5)).isCloseTo(0.2, within(1e-15));
        assertThat(schedule.at(6)).isCloseTo(0.2, within(1e-15));
        assertThat(schedule.at(156)).isCloseTo(0.1, within(1e-15));
    }

    @ParameterizedTest
    @CsvSource({"0, 0.1", "9, 0.1", "10, 0.01", "19, 0.01", "20, 0.001", "29, 0.001"})
    void stepsFallToATenthAfterEachThird(int epoch, double rate) {
        StepDecay schedule = StepDecay.thirds(0.1, Timeline.uniform(30, 7));
        assertThat(schedule.at(epoch * 7L)).isCloseTo(rate, within(1e-15));
        assertThat(schedule.at(epoch * 7L + 6)).isEqualTo(schedule.at(epoch * 7L));
    }

    @Test
    void thirdsOfFewEpochsAreWholeEpochs() {
        StepDecay four = StepDecay.thirds(1, Timeline.uniform(4, 1));
        assertThat(four.at(1)).isEqualTo(1);
        assertThat(four.at(2)).isCloseTo(0.1, within(1e-15));
        assertThat(four.at(3)).isCloseTo(0.1, within(1e-15));
        assertThat(StepDecay.thirds(1, Timeline.uniform(1, 1)).at(0)).isEqualTo(1);
    }

    @Test
    void aTimelineKnowsTheEpochOfEveryStep() {
        Timeline timeline = new Timeline(2, 0, 3, 1, 0);
        int[] epochs = {0, 0, 2, 2, 2, 3};
        for (int step = 0; step < epochs.length; step++) {
            assertThat(timeline.epochOf(step)).as("step %d", step).isEqualTo(epochs[step]);
        }
        assertThat(timeline.steps()).isEqualTo(6);
        assertThat(timeline.epochOf(100)).isEqualTo(4);
        assertThatThrownBy(() -> new Timeline(0, 0)).hasMessage("steps is 0, allowed: ≥ 1");
    }

    @Test
    void impossibleSchedulesAreRefusedByField() {
        assertThatThrownBy(() -> OneCycle.of(0, 10)).hasMessage("peak is 0.0, allowed: above 0");
        assertThatThrownBy(() -> OneCycle.of(Double.NaN, 10)).hasMessage("peak is NaN, allowed: above 0");
        assertThatThrownBy(() -> OneCycle.of(0.1, 0)).hasMessage("steps is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new CosineWithWarmUp(0.1, 10, 11)).hasMessage("warmUpSteps is 11, allowed: 0 … 10");
        assertThatThrownBy(() -> new StepDecay(0.1, 0, 1, Timeline.uniform(1, 1)))
                .hasMessage("factor is 0.0, allowed: above 0, at most 1");
        assertThatThrownBy(() -> new StepDecay(0.1, 1, 0, Timeline.uniform(1, 1)))
                .hasMessage("epochs is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new EpochCosine(0.1, 0.5, Timeline.uniform(1, 1)))
                .hasMessage("multiplier is 0.5, allowed: ≥ 1");
    }
}
