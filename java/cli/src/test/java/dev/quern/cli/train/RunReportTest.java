package dev.quern.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.PhaseClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
    @TempDir
    private Path folder;

    @Test
    void upToTwentyClassesHaveALineEach() throws IOException {
        assertThat(report(20))
                .contains("Mean magnitude of every class.")
                .contains(">class 19<")
                .doesNotContain("metrics.jsonl");
    }

    @Test
    void ofMoreClassesTheReportSaysHowManyItShowsAndWhereAllAre() throws IOException {
        assertThat(report(21))
                .contains("Mean magnitude of 8 of 21 classes; all are in metrics.jsonl.")
                .contains(">class 7<")
                .doesNotContain(">class 8<");
    }

    private String report(int classes) throws IOException {
        String means = String.join(",", Collections.nCopies(classes, "0.5"));
        String magnitude = "{\"mean\":0.5,\"histogram\":[0,0,0,0,0,9,0,0,0,0],\"class_means\":[" + means + "]}";
        Files.writeString(
                folder.resolve("metrics.jsonl"),
                "{\"epoch\":0,\"loss\":1,\"test_accuracy\":0.5,\"magnitude\":" + magnitude + "}\n");
        TrainOutcome outcome = new TrainOutcome(
                TrainOutcome.Status.FINISHED,
                1,
                0.5,
                0.5,
                0,
                Optional.empty(),
                1,
                0,
                OptionalDouble.empty(),
                new PhaseClock());
        TrainResult result = new TrainResult(TrainConfig.DEFAULT, 1, 9, outcome, folder);
        return Files.readString(RunReport.write(result, Map.of()));
    }
}
