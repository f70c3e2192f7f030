package dev.quern.train.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
    private static final double START = 1_700_000_000.5;

    @TempDir
    private Path folder;

    @Test
    void theBytesAreThoseOfTensorBoardsOwnWriter() throws IOException {
        Path file = folder.resolve("events.out.tfevents.test");
        EventFile events = new EventFile(file);
        events.append(metrics(0, OptionalDouble.empty()), START);
        events.append(metrics(1, OptionalDouble.of(0.75)), START + 1);
        assertThat(Files.readAllBytes(file)).isEqualTo(golden());
    }

    @Test
    void whatACheckpointDoesNotKnowOfIsDropped() throws IOException {
        Path file = folder.resolve("events.out.tfevents.test");
        EventFile events = new EventFile(file);
        events.truncate(3);
        assertThat(file).doesNotExist();
        events.append(metrics(0, OptionalDouble.empty()), START);
        byte[] one = Files.readAllBytes(file);
        events.append(metrics(1, OptionalDouble.of(0.75)), START + 1);
        byte[] torn = Arrays.copyOf(Files.readAllBytes(file), one.length + 30);
        Files.write(file, torn);
        events.truncate(2);
        assertThat(Files.readAllBytes(file)).isEqualTo(one);
        events.append(metrics(1, OptionalDouble.of(0.75)), START + 1);
        events.truncate(2);
        assertThat(Files.readAllBytes(file)).isEqualTo(golden());
        events.truncate(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(one);
    }

    private static EpochMetrics metrics(int epoch, OptionalDouble accuracy) {
        MagnitudeMetrics magnitudes = new MagnitudeMetrics(
                0.5,
                new int[] {1, 0, 3, 0, 0, 0, 0, 2, 0, 4},
                new double[] {0.25, 0.75},
                OptionalDouble.of(0.125),
                OptionalDouble.of(0.5));
        return new EpochMetrics(
                epoch,
                2.5 - epoch,
                0.1,
                accuracy,
                Optional.empty(),
                10,
                0.25,
                7,
                OptionalDouble.empty(),
                Optional.empty(),
                "ada",
                Optional.of(magnitudes),
                Optional.empty(),
                new PhaseClock());
    }

    private static byte[] golden() throws IOException {
        try (InputStream source = EventFileTest.class.getResourceAsStream("event_file.tfevents")) {
            return source.readAllBytes();
        }
    }
}
