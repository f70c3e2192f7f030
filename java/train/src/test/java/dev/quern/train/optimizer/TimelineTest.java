package dev.quern.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Timeline TIMELINE = new Timeline(4, 10);

    @Test
    void anEpochOfAsManyStepsAsPlannedIsOnSchedule() {
        for (int step = 0; step < 14; step++) {
            int epoch = TIMELINE.epochOf(step);
            int steps = epoch == 0 ? 4 : 10;
            assertThat(TIMELINE.scheduled(epoch, epoch == 0 ? step : step - 4, steps))
                    .isEqualTo(step);
        }
    }

    @Test
    void aShorterEpochRunsThroughItsPartOfTheSchedule() {
        assertThat(TIMELINE.scheduled(1, 0, 5)).isEqualTo(4);
        assertThat(TIMELINE.scheduled(1, 1, 5)).isEqualTo(6);
        assertThat(TIMELINE.scheduled(1, 4, 5)).isEqualTo(12);
        assertThat(TIMELINE.scheduled(1, 0, 1)).isEqualTo(4);
    }
}
