package dev.quern.cli.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.select.SelectionDisplay;
import dev.quern.cli.select.SelectionFolder;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.surrogate.Selections;
import dev.quern.surrogate.StaticMethod;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The choices of all static methods for one fault and seed; the surrogate is trained for them once. */
record ComparedSelection(String name, Selections selections, SelectionFolder folder) implements ComparisonStep {
    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public boolean done() throws IOException {
        for (StaticMethod method : selections.methods()) {
            for (double ratio : selections.ratios()) {
                if (summary(method.label(), ratio).isEmpty()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public void run(ProgressDisplay.Style progress, StopSignal stop) throws IOException {
        try (SelectionDisplay display =
                SelectionDisplay.of(progress, selections.setting().surrogate())) {
            folder.select(selections, selections.open(), display, stop);
        } catch (StoppedException stopped) {
            stop.request();
        }
    }

    /** What {@code selections.json} says of a choice. */
    Optional<JsonNode> summary(String method, double ratio) throws IOException {
        if (!Files.exists(folder.summaries())) {
            return Optional.empty();
        }
        JsonNode summaries = new ObjectMapper().readTree(folder.summaries().toFile());
        return StreamSupport.stream(summaries.spliterator(), false)
                .filter(summary -> summary.get("method").asText().equals(method)
                        && summary.get("ratio").asDouble() == ratio)
                .findFirst();
    }
}
