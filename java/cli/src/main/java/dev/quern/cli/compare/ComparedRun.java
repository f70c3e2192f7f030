package dev.quern.cli.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.run.TrainConfig;
import dev.quern.run.Training;
import dev.quern.train.StopSignal;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One training of a comparison.
 *
 * @param group what it is averaged over the seeds with
 * @param selection that chose its samples before; empty for methods that choose while training
 */
record ComparedRun(Group group, long seed, TrainConfig config, Path folder, Optional<ComparedSelection> selection)
        implements ComparisonStep {
    /**
     * The trainings that differ by their seed alone.
     *
     * @param ratio 1 for full
     */
    record Group(String fault, String model, String method, double ratio) {
        @Override
        public String toString() {
            return fault + "/" + model + "/" + method + (ratio == 1 ? "" : "-" + ratio);
        }
    }

    @Override
    public String name() {
        return "runs/" + group + "/seed-" + seed;
    }

    @Override
    public boolean ready() throws IOException {
        return selection.isEmpty() || selection.get().done();
    }

    @Override
    public boolean done() throws IOException {
        return result().isPresent();
    }

    @Override
    public void run(ProgressDisplay.Style progress, StopSignal stop) throws IOException {
        try (ProgressDisplay display = ProgressDisplay.of(progress, name(), config.epochs())) {
            Training.run(config, folder, RunFolder.Start.RESUME, display, stop);
        }
    }

    /** {@code result.json} of the finished run. */
    Optional<JsonNode> result() throws IOException {
        Path file = folder.resolve("result.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode result = new ObjectMapper().readTree(file.toFile());
        return result.path("status").asText().equals("finished") ? Optional.of(result) : Optional.empty();
    }
}
